"""A local service: the providers' own count endpoints, offline; a live page; tools for agents."""
