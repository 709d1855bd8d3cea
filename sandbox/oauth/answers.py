"""OAuth's own answers and errors (ref 2.2-2.4)."""

from __future__ import annotations

from sandbox.errors import ApiError, Json
from sandbox.oauth.tokens import AccessToken, TokenBook


class OAuthError(ApiError):
    """HubSpot's OAuth error: OAuth's two fields beside its own `status` and `message`."""

    def __init__(self, error: str, status_name: str, message: str, status: int = 400) -> None:
        super().__init__(status, status_name, message)
        self.error = error

    def body(self) -> Json:
        """The whole error answer."""
        correlation = super().body()["correlationId"]
        return {
            "error": self.error,
            "error_description": self.message,
            "status": self.category,
            "message": self.message,
            "correlationId": correlation,
        }


def bad_code() -> OAuthError:
    """The code is unknown, used or expired."""
    return OAuthError("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code")


def bad_refresh_token() -> OAuthError:
    """The refresh token is unknown or revoked, or the app was uninstalled."""
    return OAuthError("invalid_grant", "BAD_REFRESH_TOKEN", "missing or unknown refresh token")


def bad_client() -> OAuthError:
    """Client id or secret do not belong to an app."""
    return OAuthError("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id or secret")


def bad_redirect() -> OAuthError:
    """The redirect address is not the one the code was issued for."""
    return OAuthError(
        "invalid_grant",
        "MISMATCH_REDIRECT_URI_AUTH_CODE",
        "redirect uri does not match the one used when creating the auth code",
    )


def token_answer(book: TokenBook, access: AccessToken) -> Json:
    """What the token endpoint gives."""
    answer: Json = {
        "token_type": "bearer",
        "access_token": access.token,
        "expires_in": book.seconds_left(access),
        "hub_id": access.grant.portal_id,
        "user_id": access.grant.user_id,
        "scopes": list(access.grant.scopes),
        "token_use": "access_token",
    }
    if access.refresh_token:
        answer["refresh_token"] = access.refresh_token
    return answer
