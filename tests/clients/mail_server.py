"""An SMTP server that writes every mail it takes to standard output, as one JSON object a line.

The first line says `listening PORT`. It ends when its standard input does, so that it never outlives who started it.
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Sink:
    """Answers recipients as the command line says, and shows what it takes."""

    def __init__(self, refuse):
        self.refuse = refuse

    async def handle_RCPT(self, server, session, envelope, address, options):
        for name, reply in self.refuse:
            if address.startswith(name):
                return reply
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        shown = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "hello": session.host_name,
            "tls": session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None,
            "user": session.auth_data.login.decode() if session.auth_data else None,
            "headers": {name: str(message[name]) for name in ("From", "To", "Subject", "Message-ID", "Date")},
            "text": message.get_content(),
        }
        print(json.dumps(shown), flush=True)
        return "250 taken"


def authenticator(user, password):
    def check(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=good, handled=good, auth_data=data)

    return check


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--auth", help="USER:PASSWORD that clients must give")
    parser.add_argument("--tls", nargs=2, metavar=("CHAIN", "KEY"), help="speak TLS from the first byte")
    parser.add_argument("--refuse", nargs=2, action="append", default=[], metavar=("PREFIX", "REPLY"))
    arguments = parser.parse_args()
    options = {"hostname": "mail.example.com"}
    if arguments.auth:
        user, password = arguments.auth.split(":", 1)
        options |= {
            "authenticator": authenticator(user, password),
            "auth_required": True,
            "auth_require_tls": False,
        }
    context = None
    if arguments.tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*arguments.tls)
    sink = Sink(arguments.refuse)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, **options), "127.0.0.1", arguments.port, ssl=context)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


# A test shows what it expects of the client; what the library thinks of the set-up is noise between.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
asyncio.run(main())
