"""How each provider writes into the prompt what stands around the contents of a request: frames of
messages, definitions of tools, their calls and results, the schema of an answer.

None of it is documented in full; each form was found in bills, and its numbers stand in the
catalogue with how many bills met them. A form knows only how the words stand.

    form_of(request, overhead, tokens)    the form of a model, with its way to count a text
    form.written(part)                    tokens of a part that is not written as it stands, or None
    form.frames()                         what stands around all of them
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from multitok.catalog.overhead import DeclaredTools, FunctionTools, NamespaceTools, Overhead
from multitok.requests.forms.frame import Form

if TYPE_CHECKING:
    from multitok.requests.payloads.parts import Request


def form_of(request: Request, overhead: Overhead, tokens: Callable[[str], int]) -> Form:
    """How this model's prompts are written, as far as its row says."""
    tools, chat, control = overhead.tools, overhead.chat, overhead.control
    if isinstance(tools, NamespaceTools) and chat is not None:
        from multitok.requests.forms.openai import OpenAIForm

        return OpenAIForm(request, overhead, tokens, chat, tools)
    if isinstance(tools, FunctionTools):
        from multitok.requests.forms.anthropic import AnthropicForm

        return AnthropicForm(request, overhead, tokens, tools)
    if isinstance(tools, DeclaredTools):
        from multitok.requests.forms.gemini import GeminiForm

        return GeminiForm(request, overhead, tokens, tools)
    if control is not None:
        from multitok.requests.forms.control import ControlForm

        return ControlForm(request, overhead, tokens, control)
    return Form(request, overhead, tokens)
