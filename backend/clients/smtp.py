"""Sends one email by SMTP: encrypted off this machine, and honest about whether it went out."""

from __future__ import annotations

import smtplib
import ssl
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final
from urllib.parse import unquote, urlsplit

from backend.config import SMTP_TIMEOUT_S
from backend.errors import OutcomeUnknown, Permanent, Transient
from backend.outages import of_kind
from backend.transit import LOOPBACK

_PORTS: Final = {"smtp": 587, "smtps": 465}


class SmtpMailer:
    """`url`: smtp://user:password@host:port with STARTTLS, or smtps:// with TLS from the start; on
    this machine plain smtp:// will do. `sender`: whom emails are from."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = str(parts.hostname)
        self._port = parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self.sender = sender

    def send(self, message: EmailMessage) -> None:
        """To the one address in its `To`. Raises Permanent when the server refuses for good,
        Transient when it may take it later (Outage while nobody answers there), OutcomeUnknown
        when it may have taken it."""
        client = self._connected()
        try:
            self._hand_over(client, message)
        finally:
            client.close()

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        try:
            if self._tls:
                client: smtplib.SMTP = smtplib.SMTP_SSL(
                    self._host, self._port, timeout=SMTP_TIMEOUT_S, context=context
                )
            else:
                client = smtplib.SMTP(self._host, self._port, timeout=SMTP_TIMEOUT_S)
        except (OSError, smtplib.SMTPException) as error:
            raise of_kind("mail_server", type(error).__name__) from None
        try:
            if not self._tls and self._host not in LOOPBACK:
                client.starttls(context=context)
            if self._user:
                client.login(self._user, self._password)
        except smtplib.SMTPAuthenticationError as error:
            client.close()
            raise _refused(error.smtp_code, "our name and password: check SMTP_URL") from None
        except (OSError, smtplib.SMTPException) as error:
            client.close()
            name = type(error).__name__
            raise Transient(f"the mail server gave no safe connection ({name})") from None
        return client

    def _hand_over(self, client: smtplib.SMTP, message: EmailMessage) -> None:
        """Step by step, because only from the last one on it may have gone out."""
        to = parseaddr(str(message["To"]))[1]
        try:
            client.ehlo_or_helo_if_needed()
            for code, _ in (client.mail(parseaddr(self.sender)[1]), client.rcpt(to)):
                if code not in {250, 251}:
                    raise _refused(code, "the sender or the address")
        except (OSError, smtplib.SMTPException) as error:
            raise Transient(f"the mail server broke off ({type(error).__name__})") from None
        try:
            code, _ = client.data(message.as_bytes(policy=policy.SMTP))
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code, "the message") from None
        except (TimeoutError, OSError, smtplib.SMTPException) as error:
            name = type(error).__name__
            raise OutcomeUnknown(f"the mail server gave no answer to a message ({name})") from None
        if code != 250:
            raise _refused(code, "the message")


def _refused(code: int, what: str) -> Permanent | Transient:
    text = f"the mail server answered {code} and did not take {what}"
    return Permanent(text) if code >= 500 else Transient(text)
