"""A request made smaller until it fits a budget: edits of its payload, the mildest that do.

plain       the payload as JSON, whatever an SDK's object held
places      where a part's path stands in it, and what is written there
edits       one of them, and how it is said to people
turns       which messages go together, and which may be dropped
pictures    the sizes that a picture may have, and the picture written at one
clips       clips whose rate of frames the request sets
pdfs        PDF files, and their first pages
documents   long texts that tools and files brought, and where they may be cut
stages      the kinds of changes, each with levels
order       what is done first, and what last
search      the mildest levels of all stages that fit
budget      what a request may have
whole       the request that comes out, and what each change saved
"""
