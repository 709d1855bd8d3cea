"""`keys rotate`: seal everything with the first key of ENCRYPTION_KEYS, while all goes on."""

from __future__ import annotations

import click

from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command
from backend.errors import Undecipherable
from backend.services.privacy.rotation import rotate as rotate_keys
from backend.storage.access import audit


def group(session: CliSession) -> click.Group:
    """The `keys` commands."""

    @click.group("keys", help="Encryption keys.")
    def commands() -> None:
        pass

    @commands.command("rotate")
    @command
    def rotate() -> None:
        """Seal anew what older keys sealed; interrupted, start it again.

        Refused while a web server, worker or cron runs without the new key.

        The daily maintenance does the same. An older key may be taken out of ENCRYPTION_KEYS when
        this says that nothing is left.
        """
        product = session.product
        found = rotate_keys(product.stores, lambda: None)
        with product.stores.database.write() as conn:
            audit.append(
                conn,
                now=product.stores.clock.now(),
                actor=OPERATOR,
                action="keys.rotate",
                subject=f"key:{product.stores.settings.encryption_keys[0].key_id}",
                detail={"resealed": found.resealed, "unreadable": found.unreadable},
            )
        if found.unreadable:
            raise Undecipherable(
                f"{found.unreadable} values open with no key in ENCRYPTION_KEYS: add the key that "
                "sealed them; "
                f"{found.resealed} others are sealed anew"
            )
        say(f"{found.resealed} values sealed anew; nothing is left under older keys.")

    return commands
