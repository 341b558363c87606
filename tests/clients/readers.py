"""Clients that read, each as a small class that sends what that product sends: headers, parameters, their order, how it forms the
next request, and its own faults. `wake()` is one run of the product's scheduler; `waiting` says that it will go on in the next run
at once; `held` is what it has: id to version."""

import datetime
import re
from urllib.parse import quote, urlencode, urlsplit

import requests
from as_sent import Line, basic_value
from field import version_of
from taxii2client.common import TokenAuth, _HTTPConnection
from taxii2client.v21 import Server, as_pages

TAXII = "application/taxii+json;version=2.1"


class Reader:
    types = None  # the types that it asks for; None = all
    rights = ("--read",)
    root, collection_options = "api", ()
    waiting = False

    def __init__(self, scene, record):
        self.scene, self.record = scene, record
        self.held = {}
        self.repeats = 0
        self.errors = []  # what its log would show

    def keep(self, objects):
        """Every product keeps the newest version of an id, and takes a repeat for what it has."""
        for one in objects:
            version = version_of(one)
            self.repeats += self.held.get(one["id"]) == version
            self.held[one["id"]] = max(version, self.held.get(one["id"], version))

    def close(self):
        """Ends its connection."""


# -- MISP


class MispBrowse(Reader):
    """A person in MISP turns the pages of a collection: CakePHP's HttpSocket, lower-case `basic`, a Content-type on GET, 50 objects a
    page, and an empty `next` on the first one. The base URL ends in a slash, so that two follow each other. No objects is an error."""

    def __init__(self, scene, record):
        super().__init__(scene, record)
        self.base_path = "/"
        self.line = Line(scene.url, record)

    def query(self, uri, query=""):
        headers = [
            ("Connection", "close"),
            ("User-Agent", "CakePHP"),
            ("Accept", TAXII),
            ("Content-type", TAXII),
            ("Authorization", "basic " + basic_value(self.scene.user, self.scene.password)),
        ]
        answer = self.line.ask("GET", self.base_path + uri + query, headers)
        if answer.status != 200:
            raise AssertionError(f"Authentication failed or something went wrong: {answer.body}")
        return answer.json()

    def wake(self):
        listed = self.query(f"/{self.scene.root}/collections/")
        assert self.scene.collection in [one["id"] for one in listed["collections"]]
        following = ""
        while True:
            page = self.query(
                f"/{self.scene.root}/collections/{self.scene.collection}/objects/", f"?limit=50&next={quote(following, safe='')}"
            )
            if not page.get("objects"):
                self.errors.append("No objects found in collection with the given query parameters.")
                return
            self.keep(page["objects"])
            if not page.get("next"):
                break
            following = page["next"]
        one = page["objects"][0]
        assert self.query(f"/{self.scene.root}/collections/{self.scene.collection}/objects/{one['id']}/")["objects"][0]["id"] == one["id"]


# -- OpenCTI's own ingester


def axios_query(params):
    """As axios writes a query: some characters stay, blanks become `+`, what is undefined is left out."""
    fields = [f"{name}={quote(str(value), safe='-_.!~*()$,:' + chr(39)).replace('%20', '+')}" for name, value in params if value is not None]
    return "?" + "&".join(fields) if fields else ""


def milliseconds(time):
    """JavaScript's toISOString: what is below a millisecond is cut off."""
    return re.sub(r"(\.\d{3})\d*Z$", r"\1Z", time)


class OpenCti(Reader):
    """One page at each tick of the scheduler. Sends `next` beside the first added_after; when the last page came, it goes on from the
    date of that page, cut to milliseconds; after an empty page it forgets its cursor."""

    accept = TAXII
    slash = "/"

    def __init__(self, scene, record):
        super().__init__(scene, record)
        self.line = Line(scene.url, record)
        self.added_after = None
        self.cursor = None
        self.clock = lambda: datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def waiting(self):
        return self.cursor is not None

    def get(self):
        query = axios_query([("next", self.cursor), ("added_after", self.added_after)])
        headers = [
            ("Accept", self.accept),
            ("Authorization", "Basic " + basic_value(self.scene.user, self.scene.password)),
            ("User-Agent", "axios/1.7.2"),
            ("Accept-Encoding", "gzip, compress, deflate, br"),
            ("Connection", "keep-alive"),
        ]
        answer = self.line.ask("GET", f"/{self.scene.root}/collections/{self.scene.collection}/objects{self.slash}{query}", headers)
        if answer.status != 200:
            self.errors.append(f"{answer.status} {answer.body.decode()}")
            return None, None
        return answer.json(), answer.headers.get("x-taxii-date-added-last")

    def wake(self):
        data, last = self.get()
        if data is None:
            return
        if not data.get("objects"):
            self.nothing_came()
            return
        self.keep(data["objects"])
        self.go_on(data, last)

    def nothing_came(self):
        self.cursor = None

    def go_on(self, data, last):
        if data.get("more") and data.get("next"):
            self.cursor = data["next"]
        else:
            self.cursor = None
            self.added_after = milliseconds(last) if last else self.clock()

    def close(self):
        self.line.close()


class OpenCti2023(OpenCti):
    """Asks for anything, without the slash at the end; sends `next` alone, and never lets go of the last one it got."""

    accept = "application/json, text/plain, */*"
    slash = ""
    more = False

    @property
    def waiting(self):
        return self.more

    def nothing_came(self):
        self.more = False
        self.errors.append("Undefined taxii objects")

    def go_on(self, data, last):
        self.more = bool(data.get("next"))
        self.cursor = data.get("next") or self.cursor


class OpenCti2024(OpenCti):
    """After each page, the last one or not, sends the date of that page beside `next`: another added_after than the one that the
    cursor was given for. Keeps its cursor after an empty page."""

    slash = ""

    def nothing_came(self):
        self.errors.append("Undefined taxii objects")

    def go_on(self, data, last):
        self.cursor = data.get("next")
        self.added_after = milliseconds(last) if last else None


# -- OpenCTI's taxii2 connector


class OpenCtiConnector(Reader):
    """On the OASIS library: root by the last segment of its path, collection by title. From the second page on added_after is
    dropped; the dictionary of filters lives as long as the process, so every later run starts with the last `next` of an earlier
    one beside a new added_after, its own clock at the start of the last run, to the second. `more` without `next` never ends."""

    def __init__(self, scene, record):
        super().__init__(scene, record)
        self.server = Server(scene.url + "/taxii2/", auth=requests.auth.HTTPBasicAuth(scene.user, scene.password))
        self.filters = {}
        self.last_run = None

    def collection(self):
        for root in self.server.api_roots:
            if root.url.split("/")[-2] == self.scene.root:
                for collection in root.collections:
                    if collection.title == self.scene.title:
                        return collection
        raise AssertionError("Collection does not exist in API root")

    def wake(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        if self.last_run is not None:
            started = datetime.datetime.fromtimestamp(self.last_run, tz=datetime.timezone.utc)
            self.filters["added_after"] = started.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        else:
            self.filters["added_after"] = datetime.datetime.now() - datetime.timedelta(hours=24 * 365)
        try:
            self.poll(self.collection())
        except requests.exceptions.HTTPError as error:
            self.errors.append(f"{error}: {error.response.text}")
        self.last_run = int(now.timestamp())

    def poll(self, collection):
        page = collection.get_objects(**self.filters)
        if not page.get("objects"):
            return
        for _ in range(1_000):  # the product has no such bound
            self.keep(page.get("objects", []))
            if page.get("more") is not True:
                return
            if "next" in page:
                self.filters.pop("added_after", None)
                self.filters["next"] = page["next"]
                page = collection.get_objects(**self.filters)
        raise AssertionError("it reads the same page for ever")


# -- Elastic


class Elastic(Reader):
    """The CEL program of Custom Threat Intelligence: Bearer, Content-Type on GET, parameters in the order of their names; goes on as
    long as there is a `next`, whatever `more` says; keeps the date of the last page for the next interval. This one sends the
    interval's added_after on every page and takes a page without `objects` for an empty one."""

    limit = None
    content_type = [("Content-Type", TAXII)]

    def __init__(self, scene, record):
        super().__init__(scene, record)
        self.line = Line(scene.url, record)
        self.address = f"/{scene.root}/collections/{scene.collection}/objects/"
        self.authorization = self.credentials()
        self.last = None
        self.interval_start = None

    def credentials(self):
        return "Bearer " + self.scene.token()

    def window(self):
        first = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=120)
        return self.last or first.strftime("%Y-%m-%dT%H:%M:%SZ")

    def page(self, params):
        given = sorted((name, value) for name, value in params.items() if value is not None)
        headers = [
            ("User-Agent", "Elastic-filebeat"),
            ("Accept", TAXII),
            ("Authorization", self.authorization),
            *self.content_type,
            ("Accept-Encoding", "gzip"),
        ]
        return self.line.ask("GET", self.address.rstrip("/") + "/?" + urlencode(given), headers)

    def first_page(self):
        self.interval_start = self.window()
        return {"added_after": self.interval_start, "limit": self.limit}

    def later_page(self, following):
        return {"added_after": self.interval_start, "limit": self.limit, "next": following}

    def objects_of(self, body):
        return body.get("objects", [])

    def wake(self):
        params = self.first_page()
        while params:
            answer = self.page(params)
            if answer.status not in (200, 206):
                self.errors.append(f"{answer.status} {answer.body.decode()}")
                return
            body = answer.json()
            try:
                objects = self.objects_of(body)
            except KeyError:
                self.errors.append("failed eval: no such key: objects")
                return
            self.keep(objects)
            self.last = self.date_of(answer) or self.last
            params = self.later_page(body["next"]) if body.get("next") else None

    def date_of(self, answer):
        return answer.headers.get("x-taxii-date-added-last")

    def close(self):
        self.line.close()


class ElasticBefore182(Elastic):
    """Basic instead of a key; drops added_after from the second page on; a page without `objects` fails its program, which shows as
    an error in its log and loses nothing."""

    limit = 500
    content_type = []  # set by hand in these versions, if at all

    def credentials(self):
        return "Basic " + basic_value(self.scene.user, self.scene.password)

    def later_page(self, following):
        return {"limit": self.limit, "next": following}

    def objects_of(self, body):
        return body["objects"]


class ElasticFirst(ElasticBefore182):
    """Keeps no date at all: every interval reads the same window again, from a time to the second."""

    limit = None
    content_type = Elastic.content_type

    def date_of(self, answer):
        return None


# -- Cortex XSOAR


class Xsoar(Reader):
    """On the OASIS library: root by `default`, collection by title, match[type] with relationships added, 100 objects a page, the end
    at the first empty page. Its next added_after is the newest `modified` of what it could parse, which is no date of ours."""

    types = ["indicator", "malware", "relationship"]
    values = [re.compile(r"(\w.*?%s)'(.*?)'" % shape) for shape in (r"value=", r"valueISSUBSET", r"valueISUPPERSET", r"hashes\..*?=")]

    def __init__(self, scene, record):
        super().__init__(scene, record)
        self.newest = None

    def wake(self):
        connection = _HTTPConnection(auth=self.auth(), version="2.1")
        self.dress(connection)
        server = Server(self.scene.url + "/taxii2/", conn=connection)
        roots = {str(root.url).split("/")[-2]: root for root in server.api_roots}
        root = server.default or roots[self.scene.root]
        root._conn = connection
        (collection,) = [one for one in root.collections if one.title == self.scene.title]
        asked = {"type": list(self.types)}
        if self.newest:
            asked["added_after"] = self.newest
        for envelope in as_pages(collection.get_objects, per_request=100, **asked):
            if not envelope.get("objects"):
                break
            self.keep(envelope["objects"])
            for one in envelope["objects"]:
                if self.parses(one) and one["modified"] > (self.newest or ""):
                    self.newest = one["modified"]

    def parses(self, one):
        if one["type"] == "indicator":
            return any(shape.search(one["pattern"].replace(" ", "")) for shape in self.values)
        return one["type"] == "malware"

    def auth(self):
        return requests.auth.HTTPBasicAuth(self.scene.user, self.scene.password)

    def dress(self, connection):
        """Nothing more with a password."""


class XsoarToken(Xsoar):
    """User `_api_token_key`: the password goes as `Authorization: Token`."""

    def __init__(self, scene, record):
        super().__init__(scene, record)
        self.key = scene.token()

    def auth(self):
        return TokenAuth(key=self.key)


class XsoarHeader(XsoarToken):
    """User `_header:X-Api-Key`: the password goes in a header of that name (`entente serve --key-header`)."""

    def auth(self):
        return None

    def dress(self, connection):
        connection.session.headers["X-Api-Key"] = self.key


# -- Trellix


class Trellix(Reader):
    """Set up with a discovery URL, an API root, collection ids and a page limit of 500 to 15,000; what it sends beyond these four is
    taken from the standard."""

    limit = 15_000

    def __init__(self, scene, record):
        super().__init__(scene, record)
        self.line = Line(scene.url, record)
        self.last = None

    def get(self, target):
        headers = [("Accept", TAXII), ("Authorization", "Basic " + basic_value(self.scene.user, self.scene.password))]
        answer = self.line.ask("GET", target, headers)
        assert answer.status == 200, answer.body
        return answer

    def wake(self):
        roots = self.get("/taxii2/").json()["api_roots"]
        root = next(one for one in roots if urlsplit(one).path.strip("/") == self.scene.root)
        self.get(root)
        collection = f"{urlsplit(root).path}collections/{self.scene.collection}/"
        assert self.get(collection).json()["can_read"]
        params = {"limit": self.limit} | ({"added_after": self.last} if self.last else {})
        while True:
            answer = self.get(f"{collection}objects/?{urlencode(params)}")
            body = answer.json()
            self.keep(body.get("objects", []))
            self.last = answer.headers.get("x-taxii-date-added-last", self.last)
            if not body.get("more"):
                return
            params["next"] = body["next"]

    def close(self):
        self.line.close()


class TrellixSmall(Trellix):
    limit = 500


# -- Microsoft Sentinel


class Sentinel(Reader):
    """A guess, within what is documented: Basic, the API root and the collection id are typed in, no discovery, indicators only, and
    paging as the standard has it, by `next`."""

    types = ["indicator"]

    def __init__(self, scene, record):
        super().__init__(scene, record)
        self.line = Line(scene.url, record)
        self.last = None

    def page(self, params):
        headers = [("Accept", TAXII), ("Authorization", "Basic " + basic_value(self.scene.user, self.scene.password))]
        target = f"/{self.scene.root}/collections/{self.scene.collection}/objects/"
        answer = self.line.ask("GET", target + ("?" + urlencode(params) if params else ""), headers)
        assert answer.status == 200, answer.body
        body = answer.json()
        self.keep([one for one in body.get("objects", []) if one["type"] == "indicator"])
        self.last = answer.headers.get("x-taxii-date-added-last", self.last)
        return body

    def wake(self):
        params = {"added_after": self.last} if self.last else {}
        body = self.page(params)
        while body.get("more"):
            params["next"] = body["next"]
            body = self.page(params)

    def close(self):
        self.line.close()


class SentinelByDate(Sentinel):
    """The other guess: goes on by added_after alone, as the standard allows, too."""

    def wake(self):
        more = True
        while more:
            before = self.last
            more = self.page({"added_after": self.last} if self.last else {}).get("more")
            assert not more or self.last != before, "it reads the same page for ever"
