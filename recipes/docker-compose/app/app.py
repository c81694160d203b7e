# ruff: noqa: INP001, S310, T201 - a program: it is no package, asks addresses of ours, and prints
"""Ask a question, as any program does; then let the mock say whether that went as its scenarios expect."""

import json
import os
import urllib.request

from anthropic import Anthropic

client = Anthropic()  # the address and the key are in the environment
message = client.messages.create(
    model="claude-sonnet-5", max_tokens=1024, messages=[{"role": "user", "content": "Say hello"}]
)
print(message.content[0].text)

verify = urllib.request.Request(
    f"{os.environ['ANTHROPIC_BASE_URL']}/_mock/verify",
    data=json.dumps({"times": 1}).encode(),
    headers={
        "authorization": f"Bearer {os.environ['MOCKSERVER_CONTROL_TOKEN']}",
        "content-type": "application/json",
    },
)
with urllib.request.urlopen(verify) as response:  # it raises where the answer is a 409
    print("verified:", json.load(response)["ok"])
