// The Node SDKs of three providers against a service: node count.mjs URL < requests.json
// What each request is answered with, as JSON; an error by its class and its status.
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";

const url = process.argv[2];
const claude = new Anthropic({ apiKey: "k", baseURL: url, maxRetries: 0 });
const gpt = new OpenAI({ apiKey: "k", baseURL: `${url}/v1`, maxRetries: 0 });
const gemini = new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: url } });

const ways = {
  anthropic: async (asked) => (await claude.messages.countTokens(asked)).input_tokens,
  "anthropic-beta": async (asked) => (await claude.beta.messages.countTokens(asked)).input_tokens,
  "anthropic-models": async () => (await claude.models.list()).data.length,
  "anthropic-labels": async (asked) => {
    const { response } = await claude.messages.countTokens(asked).withResponse();
    return response.headers.get("x-multitok-most");
  },
  openai: async (asked) => (await gpt.responses.inputTokens.count(asked)).input_tokens,
  "openai-models": async () => (await gpt.models.list()).data.length,
  gemini: async (asked) => (await gemini.models.countTokens(asked)).totalTokens,
};

const answers = [];
let text = "";
for await (const piece of process.stdin) text += piece;
for (const { way, asked } of JSON.parse(text)) {
  try {
    answers.push({ way, found: await ways[way](asked) });
  } catch (error) {
    answers.push({ way, error: error.constructor.name, status: error.status, said: error.message });
  }
}
console.log(JSON.stringify(answers));
