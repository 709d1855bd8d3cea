"""Supabase Auth: it keeps the passwords, we keep the roles.

https://supabase.com/docs/reference/python/auth-signinwithpassword. The token that a sign-in
returns is not believed: Supabase is asked whose it is (`GET /auth/v1/user`). A fresh client per
sign-in, because a client sends its user's token on every later call.
"""

from __future__ import annotations

import httpx
from supabase import ClientOptions, create_client
from supabase_auth.errors import AuthApiError, AuthError, AuthRetryableError
from supabase_auth.types import User

from backend.config import CONNECT_TIMEOUT_S, SIGN_IN_TIMEOUT_S
from backend.errors import Permanent, Transient
from backend.ports import Identity

_WRONG = frozenset({"invalid_credentials", "email_not_confirmed", "user_banned", "user_not_found"})


class SupabaseAuth:
    """Signs in with email and password."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key

    def sign_in(self, email: str, password: str) -> Identity | None:
        """None for a wrong password or an unconfirmed address. Raises Transient, Permanent."""
        timeout = httpx.Timeout(SIGN_IN_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        with httpx.Client(timeout=timeout) as http:
            try:
                return _identity(self._verified(http, email, password))
            except AuthRetryableError:
                raise Transient("Supabase Auth does not answer") from None
            except AuthApiError as error:
                _check_refusal(error)
                return None
            except (AuthError, httpx.HTTPError) as error:
                raise Transient(f"Supabase Auth failed ({type(error).__name__})") from None

    def _verified(self, http: httpx.Client, email: str, password: str) -> User | None:
        options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
        client = create_client(self._url, self._key, options)
        given = client.auth.sign_in_with_password({"email": email, "password": password})
        if given.session is None:
            return None
        answer = client.auth.get_user(given.session.access_token)
        return None if answer is None else answer.user


def _identity(user: User | None) -> Identity | None:
    """An address that was never confirmed could be anybody's."""
    if user is None or not user.email or user.email_confirmed_at is None:
        return None
    return Identity(external_id=f"supabase:{user.id}", email=user.email)


def _check_refusal(error: AuthApiError) -> None:
    """Returns when the person was refused; raises when the service or our key was."""
    if error.code in _WRONG or error.status in (401, 403):
        return
    if error.status == 429 or error.status >= 500:
        raise Transient("Supabase Auth does not answer") from None
    if error.status == 400 and error.code is None:
        return  # before 2024 a wrong password had no code
    raise Permanent(f"Supabase Auth refused the request ({error.code or error.status})") from None
