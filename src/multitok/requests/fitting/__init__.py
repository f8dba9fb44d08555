"""A request made smaller until it fits a budget: edits of its payload, the mildest that do.

plain       the payload as JSON, whatever an SDK's object held
places      where a part's path stands in it, and what is written there
turns       which messages go together, and which may be dropped
pictures    the sizes that a picture may have, and the picture written at one
documents   long texts that tools and files brought, and where they may be cut
stages      what is done first, and what last
search      the mildest levels of all stages that fit
budget      what a request may have
whole       the request that comes out, and what each change saved
"""
