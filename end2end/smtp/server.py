"""A mail server for tests: takes mails by SMTP and prints each as a line of JSON, its own port first.

What it does with a mail is in the recipient's name: `refuse…` is refused for good, `defer…` for now, `greylist…` the first time; of
`drop…` the first message is taken and the connection closed without an answer; every other is taken. Ends when its input does.
"""

import asyncio
import json
import sys

from aiosmtpd.smtp import SMTP


def say(**what):
    print(json.dumps(what), flush=True)


class Handler:
    def __init__(self):
        self.seen = set()

    def is_first(self, address):
        first = address not in self.seen
        self.seen.add(address)
        return first

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refuse"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("defer"):
            return "451 4.3.0 try again later"
        if address.startswith("greylist") and self.is_first(address):
            return "451 4.7.1 greylisted, try again in five minutes"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        say(sender=envelope.mail_from, to=envelope.rcpt_tos, message=envelope.original_content.decode("latin-1"))
        if envelope.rcpt_tos[0].startswith("drop") and self.is_first(envelope.rcpt_tos[0]):
            server.transport.abort()
        return "250 OK"


async def main():
    loop = asyncio.get_running_loop()
    handler = Handler()
    listening = await loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0)
    say(port=listening.sockets[0].getsockname()[1])
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
