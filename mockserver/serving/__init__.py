"""The shell: the only modules that know aiohttp and asyncio. Decides nothing about answers."""
