"""The one gate in front of every route: who, how often, which portal, with which right."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError

from backend.config import API_CALLS_PER_MINUTE
from backend.errors import Forbidden, NotFound, TooMany
from backend.ports import Clock
from backend.security import roles
from backend.security.roles import Permission
from backend.storage.database import Database
from backend.storage.portals import portals
from backend.web.accesses import name_actor
from backend.web.api.framework.callers import NOBODY, Caller, authenticate
from backend.web.api.framework.endpoints import Access, Route
from backend.wiring import Stores

MINUTE_S = 60


def admit(stores: Stores, route: Route, authorization: str, address: str, portal_id: int) -> Caller:
    """The caller, or NotSignedIn, TooMany, NotFound (another portal) or Forbidden."""
    if route.needs is Access.ANYONE:
        _count(stores.clock, stores.redis, f"address:{address}")
        return NOBODY
    caller = authenticate(stores.database, stores.clock, authorization)
    _count(stores.clock, stores.redis, caller.credential)
    if isinstance(route.needs, Permission):
        _check_role(caller, portal_id, route.needs)
        _check_second_factor(stores.database, caller, portal_id)
    else:
        name_actor(caller.subject, 0)
    return caller


def _check_role(caller: Caller, portal_id: int, needs: Permission) -> None:
    """Named in the portal's access log from where it is known that the portal is theirs."""
    if caller.must_change_password:
        raise Forbidden("choose a password of your own first")
    if portal_id not in caller.roles:
        raise NotFound("there is no such portal for you")
    name_actor(caller.subject, portal_id)
    if not caller.user_id and needs in roles.FOR_PERSONS:
        raise Forbidden("this needs a person who signs in: an API key cannot do it")
    roles.require(caller.roles[portal_id], needs)


def _check_second_factor(database: Database, caller: Caller, portal_id: int) -> None:
    if not caller.user_id or caller.has_second_factor:
        return
    with database.read() as conn:
        needs = portals.get(conn, portal_id).settings.second_factor
    if needs == "everyone" or (needs == "admins" and caller.roles[portal_id] == roles.Role.ADMIN):
        raise Forbidden("this portal asks for a second factor: set one up first")


def _count(clock: Clock, redis: Redis, who: str) -> None:
    """A fixed window of a minute, shared by all web processes; a lost Redis limits nobody."""
    now = clock.now().timestamp()
    window = int(now // MINUTE_S)
    key = f"api-calls:{who}:{window}"
    try:
        pipeline = redis.pipeline()
        pipeline.incr(key)
        pipeline.expire(key, 2 * MINUTE_S)
        calls = int(pipeline.execute()[0])
    except RedisError:
        return
    if calls > API_CALLS_PER_MINUTE:
        raise TooMany(
            f"more than {API_CALLS_PER_MINUTE} requests in a minute: wait for the next one",
            retry_after_s=(window + 1) * MINUTE_S - now,
        )
