"""Runs the code of docs/billing/python.md: `drive.py <billing.py> <vectors>`. Prints what came of it as one JSON object."""

import http.server
import importlib.util
import io
import json
import pathlib
import sys
import threading
import time

import jwt

page, folder = sys.argv[1:]
spec = importlib.util.spec_from_file_location("billing", page)
billing = importlib.util.module_from_spec(spec)
spec.loader.exec_module(billing)

TYPES = {"session-revoked": "https://schemas.openid.net/secevent/caep/event-type/session-revoked"}


def sign(by, method, input):
    """Asks the page for what `faregate/billing` was asked for."""
    given = dict(input)
    common = {}
    if "lifetimeSeconds" in given:
        common["lifetime"] = given.pop("lifetimeSeconds")
    if "status" in given:
        common["status"] = {"status_list": given.pop("status")}
    if method == "signEntitlement":
        return by.entitlement(**given, **common)
    if method == "signReceipt":
        if "account" in given:
            common["payer"] = given.pop("account")
        if "passSeconds" in given:
            common["pass"] = given.pop("passSeconds")
        return by.receipt(**given, **common)
    if method == "signOperator":
        return by.operator(**given, **common)
    if method == "statusList":
        return by.status_list(given["uri"], given["statuses"], given["bits"], given["ttlSeconds"])
    events = {TYPES.get(name, billing.OURS + name): said for name, said in given["events"].items()}
    account = given.get("account")
    if isinstance(account, dict):
        return by.event(events, account["account"], issuer=account["issuer"], at=given["at"], id=given["id"])
    return by.event(events, account, at=given["at"], id=given["id"])


def issuer_of(file, key):
    keys = file["keys"]
    if key == "secret":
        jwk = {"kty": "oct", "k": billing.base64url(keys["secret"].encode()), "alg": "HS256"}
    else:
        jwk = keys[key]
    gate = file["gate"]
    issuer = gate["issuers"][0]["issuer"]
    return billing.Billing(issuer, gate["audience"], [{"jwk": jwk}], clock=lambda: file["now"])


def pyjwt_takes(file, vector):
    """PyJWT alone: signature, algorithm, issuer and audience."""
    gate, token = file["gate"], vector["token"]
    keys = {key["kid"]: jwt.PyJWK(key).key for key in gate["issuers"][0].get("keys", [])}
    try:
        header = jwt.get_unverified_header(token)
        is_list = file["kind"] == "statuslist"
        jwt.decode(
            token,
            file["keys"].get("secret") or keys[header["kid"]],
            algorithms=["HS256"] if "secret" in file["keys"] else ["EdDSA", "ES256", "PS256", "RS256"],
            issuer=None if is_list else gate["issuers"][0]["issuer"],
            audience=None if is_list else gate["audience"],
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": not is_list},
        )
        return True
    except (jwt.PyJWTError, KeyError):
        return False


def verify_usage(file, vector):
    """In the form of the vectors' verdicts, without what it means."""
    try:
        signature, body = vector["headers"].get("faregate-signature"), vector["body"].encode()
        records = billing.verify_usage(signature, body, file["secret"], now=vector.get("now", file["now"]))
        return {"accepted": True, "ids": [record["id"] for record in records]}
    except billing.UsageFault as fault:
        return {"accepted": False, "status": fault.status}


def post(answers):
    """Posts one event to a gate that answers with these statuses, and so many seconds to wait."""
    asked, waited = [], []

    class Gate(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            asked.append([self.path, self.headers["content-type"], body])
            status, wait = answers[len(asked) - 1]
            self.send_response(status)
            if wait is not None:
                self.send_header("retry-after", wait)
            self.end_headers()
            self.wfile.write(b'{"err":"invalid_request"}' if status == 400 else b"")

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Gate)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        site = f"http://127.0.0.1:{server.server_port}"
        billing.post_event(site, "the.event.token", attempts=len(answers), sleep=waited.append)
        outcome = "holds"
    except billing.EventRefused as refused:
        outcome = f"refused {refused}"
    except Exception as error:
        outcome = type(error).__name__
    server.shutdown()
    server.server_close()
    return {"outcome": outcome, "asked": asked, "waited": waited}


def serve(app, method, path, body=b"", **fields):
    answered = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    content = b"".join(app({**environ, **fields}, lambda status, headers: answered.extend([status, dict(headers)])))
    return {"status": answered[0], "headers": answered[1], "body": content.decode()}


def served():
    """The application: its key set, its list, and a delivery that is made twice."""
    by = billing.Billing("https://billing.example.com", "https://www.example.com", [{"jwk": billing.new_key()}])
    kept = {}
    app = billing.application(by, "secret", lambda: [0, 1, 2], lambda it: kept.setdefault((it["source"], it["id"]), it))
    usage = json.loads(pathlib.Path(folder, "usage.json").read_text())
    body = usage["vectors"][0]["body"].encode()
    seconds = str(int(time.time())).encode()
    mac = billing.hmac.new(b"secret", seconds + b"." + body, billing.hashlib.sha256).hexdigest()
    signature = {"HTTP_FAREGATE_SIGNATURE": f"t={seconds.decode()},v1={mac}"}
    return {
        "jwks": serve(app, "GET", "/.well-known/jwks.json"),
        "list": serve(app, "GET", "/status/1"),
        "usage": [serve(app, "POST", "/usage", body, **signature)["status"] for _ in range(2)],
        "forged": serve(app, "POST", "/usage", body + b" ", **signature)["status"],
        "kept": [list(name) for name in kept],
        "examples": billing.examples(by),
    }


def rotation():
    """Who signs, and how many keys are published, at times after a rotation."""
    first = [{"jwk": {**billing.new_key(), "kid": "first"}}]
    keys = billing.rotated(first, now=0)
    found = []
    for now in (0, 3599, 3600, 3600 + billing.WEEK + 3599, 3600 + billing.WEEK + 3600):
        by = billing.Billing("i", "a", keys, clock=lambda: now)
        kid = jwt.get_unverified_header(by.entitlement("a", []))["kid"]
        found.append(["first" if kid == "first" else "next", len(by.jwks()["keys"])])
    return found


signed, taken, usage = {}, {}, {}
for path in sorted(pathlib.Path(folder).glob("*.json")):
    file = json.loads(path.read_text())
    if path.name == "usage.json":
        usage = {vector["name"]: verify_usage(file, vector) for vector in file["vectors"]}
        continue
    taken[path.name] = {vector["name"]: pyjwt_takes(file, vector) for vector in file["vectors"]}
    signed[path.name] = {
        vector["name"]: sign(issuer_of(file, vector["key"]), **vector["sign"]) for vector in file["vectors"] if "sign" in vector
    }

posted = {
    "at once": post([(202, None)]),
    "after a while": post([(503, "7"), (500, None), (202, None)]),
    "never": post([(400, None), (202, None)]),
    "not yet": post([(503, None), (503, None)]),
    "not a gate": post([(200, None)]),
}
print(json.dumps({"signed": signed, "taken": taken, "usage": usage, "posted": posted, "served": served(), "rotation": rotation()}))
