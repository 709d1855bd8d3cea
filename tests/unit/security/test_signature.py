from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import BadSignature
from backend.security.signature import (
    decoded,
    identity_of,
    sign_v2,
    sign_v3,
    verify_v3,
    verify_workflow,
)

SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
BASE = "https://leads.example.com"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BODY = b'[{"eventId": 1}]'


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def signed(target="/webhooks/hubspot", body=BODY, secret=SECRET, at=NOW, base=BASE, method="POST"):
    return {
        "X-HubSpot-Signature-v3": sign_v3(secret, method, base + target, body, ms(at)),
        "X-HubSpot-Request-Timestamp": str(ms(at)),
    }


def check(
    headers,
    target="/webhooks/hubspot",
    body=BODY,
    secrets=(SECRET,),
    bases=(BASE,),
    method="POST",
    now=NOW,
):
    verify_v3(
        method=method,
        target=target,
        body=body,
        headers=headers,
        base_urls=bases,
        secrets=secrets,
        now=now,
    )


def test_hubspot_s_own_test_vector_v3() -> None:
    body = b"{'example_field':'example_value'}"
    url = "https://www.example.com/webhook_uri"
    assert len(body) == 33
    assert sign_v3(SECRET, "POST", url, body, 1693657560000) == (
        "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="
    )


def test_hubspot_s_own_test_vector_v2() -> None:
    body = b'{"example_field":"example_value"}'
    assert sign_v2(SECRET, "POST", "https://www.example.com/webhook_uri", body) == (
        "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"
    )


def test_a_correctly_signed_request_passes() -> None:
    check(signed())
    check({name.lower(): value for name, value in signed().items()})


@pytest.mark.parametrize("position", [0, 5, len(BODY) - 1])
def test_one_byte_of_the_body_changed_is_refused(position: int) -> None:
    body = bytearray(BODY)
    body[position] ^= 1
    with pytest.raises(BadSignature):
        check(signed(), body=bytes(body))


def test_other_spacing_of_the_same_json_is_refused() -> None:
    with pytest.raises(BadSignature):
        check(signed(), body=b'[{"eventId":1}]')


def test_a_body_that_is_no_utf8_is_verified_as_bytes() -> None:
    check(signed(body=b"\xff\xfe"), body=b"\xff\xfe")


@pytest.mark.parametrize(
    "gone",
    [
        ("X-HubSpot-Signature-v3",),
        ("X-HubSpot-Request-Timestamp",),
        ("X-HubSpot-Signature-v3", "X-HubSpot-Request-Timestamp"),
    ],
)
def test_a_missing_header_is_refused(gone) -> None:
    with pytest.raises(BadSignature):
        check({name: value for name, value in signed().items() if name not in gone})


@pytest.mark.parametrize(
    "timestamp",
    ["hello", "", "1e400", "-1", "+1", " ", "1.5", "٣", "9" * 400, "0x10", "nan", "1_000"],
)
def test_an_odd_time_stamp_is_refused(timestamp: str) -> None:
    with pytest.raises(BadSignature):
        check({**signed(), "X-HubSpot-Request-Timestamp": timestamp})


def test_digits_of_another_script_are_no_time_stamp() -> None:
    digits = str(ms(NOW)).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    with pytest.raises(BadSignature):
        check({**signed(), "X-HubSpot-Request-Timestamp": digits})


@pytest.mark.parametrize(
    ("seconds", "fine"), [(-301, False), (-299, True), (299, True), (301, False)]
)
def test_five_minutes_either_way(seconds: int, fine: bool) -> None:
    headers = signed(at=NOW + timedelta(seconds=seconds))
    if fine:
        check(headers)
    else:
        with pytest.raises(BadSignature):
            check(headers)


@pytest.mark.parametrize("value", ["ünïcödé", "\udcff", "签名", "", "a" * 100_000, "\x00"])
def test_an_odd_signature_is_refused_and_nothing_else_is_raised(value: str) -> None:
    with pytest.raises(BadSignature):
        check({**signed(), "X-HubSpot-Signature-v3": value})


def test_only_older_signatures_are_refused() -> None:
    headers = {
        "X-HubSpot-Signature": sign_v2(SECRET, "POST", f"{BASE}/webhooks/hubspot", BODY),
        "X-HubSpot-Signature-Version": "v2",
    }
    with pytest.raises(BadSignature):
        check(headers)


def test_during_rotation_both_secrets_pass_and_afterwards_the_old_does_not() -> None:
    check(signed(secret="old"), secrets=("new", "old"))
    check(signed(secret="new"), secrets=("new", "old"))
    with pytest.raises(BadSignature):
        check(signed(secret="old"), secrets=("new",))


def test_the_address_is_the_configured_one_whatever_the_request_claims() -> None:
    forged = signed(base="https://evil.example")
    with pytest.raises(BadSignature):
        check({**forged, "X-Forwarded-Host": "evil.example", "Host": "evil.example"})
    check(signed(base="https://other.example"), bases=(BASE, "https://other.example"))


def test_a_proxy_s_absolute_target_is_read_as_its_path() -> None:
    check(signed(), target="http://10.0.0.1:8000/webhooks/hubspot")


@pytest.mark.parametrize(
    "code", ["3A", "2F", "3F", "40", "21", "24", "27", "28", "29", "2A", "2C", "3B"]
)
def test_the_twelve_escapes_are_decoded_in_either_case(code: str) -> None:
    character = bytes.fromhex(code).decode()
    for escape in (f"%{code}", f"%{code.lower()}"):
        assert decoded(f"/card?x=a{escape}b") == f"/card?x=a{character}b"


def test_everything_else_stays_as_it_was_sent() -> None:
    query = "/a%2Fb%40?x=%20%26%3D%2B%25%23%5B%2540&x=1&X=%C3%BC+y"
    assert decoded(query) == query
    assert decoded("/a%2Fb?u=a%40b") == "/a%2Fb?u=a@b"
    assert decoded("?a=%253A") == "?a=%253A"


def test_hubspot_fetch_s_query_verifies() -> None:
    target = "/card/lead?userId=1&portalId=2&userEmail=rep%40example.com&appId=3&contact=9"
    plain = target.replace("%40", "@")
    headers = {
        "X-HubSpot-Signature-v3": sign_v3(SECRET, "GET", BASE + plain, b"", ms(NOW)),
        "X-HubSpot-Request-Timestamp": str(ms(NOW)),
    }
    check(headers, target=target, body=b"", method="GET")


@pytest.mark.parametrize(
    "change", ["?portalId=3", "?portalId=2&contact=8", "?contact=9&portalId=2"]
)
def test_a_changed_or_reordered_query_is_refused(change: str) -> None:
    headers = signed(target="/card/lead?portalId=2&contact=9", body=b"", method="GET")
    with pytest.raises(BadSignature):
        check(headers, target=f"/card/lead{change}", body=b"", method="GET")


def test_another_method_or_path_is_refused() -> None:
    for change in ({"method": "PUT"}, {"target": "/webhooks/hubspot/"}):
        with pytest.raises(BadSignature):
            check(signed(), **change)


def test_the_workflow_action_takes_v3_or_else_v2() -> None:
    def workflow(headers, body=BODY):
        verify_workflow(
            method="POST",
            target="/workflow/score",
            body=body,
            headers=headers,
            base_urls=(BASE,),
            secrets=("other", SECRET),
            now=NOW,
        )

    v2 = {
        "X-HubSpot-Signature": sign_v2(SECRET, "POST", f"{BASE}/workflow/score", BODY),
        "X-HubSpot-Signature-Version": "v2",
    }
    workflow(v2)
    workflow({**v2, **signed("/workflow/score")})
    for bad in (
        {**v2, "X-HubSpot-Signature-v3": "x", "X-HubSpot-Request-Timestamp": "1"},
        {**v2, "X-HubSpot-Signature-Version": "v1"},
        {**v2, "X-HubSpot-Signature": "ü"},
        {},
    ):
        with pytest.raises(BadSignature):
            workflow(bad)
    with pytest.raises(BadSignature):
        workflow(v2, body=b"[]")


def test_the_cards_identity_stands_exactly_once() -> None:
    whole = "/card?portalId=1&userId=2&userEmail=a%40b.example&appId=3"
    found = identity_of(f"{whole}&contact=1&contact=2")
    assert found == {"portalId": "1", "userId": "2", "userEmail": "a@b.example", "appId": "3"}
    for name in ("userId", "portalId", "userEmail", "appId"):
        without = whole.replace(name, "other")
        escaped = name.replace("I", "%49").replace("E", "%45")
        second = [f"{whole}&{n}={v}" for n in (name, escaped, name.upper()) for v in ("2", "")]
        for bad in (without, f"{without}&{name}=", f"{without}&{name.lower()}=1", *second):
            with pytest.raises(BadSignature):
                identity_of(bad)


@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=80), st.binary(max_size=80))
def test_no_request_raises_anything_but_bad_signature(signature, timestamp, target, body) -> None:
    headers = {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": timestamp}
    with pytest.raises(BadSignature):
        check(headers, target=target, body=body)
