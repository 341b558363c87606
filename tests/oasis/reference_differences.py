"""Where Entente and OASIS's reference checker (stix2-validator) differ, and the clause that decides.

Each difference has a row of the same name in docs/conformance-stix.md, an example that shows it, and a pattern
that finds it in what the one or the other says. `side` is who finds something: "reference" or "entente"; `code` is
the public number of a recommendation, None for the verdict.
"""

import copy
import re
from dataclasses import dataclass
from typing import Callable, Optional

SCOS = frozenset(
    "artifact autonomous-system directory domain-name email-addr email-message file ipv4-addr ipv6-addr mac-addr mutex "
    "network-traffic process software url user-account windows-registry-key x509-certificate".split()
)

UUID4 = "e2e1a340-4415-4ba8-9671-f7343fbf0836"
UUID5 = "28bb3599-77cd-5a82-a950-b5bc3caf07c4"
TLP_GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"


def versioned(kind, **properties):
    """A sound object of STIX 2.1, apart from what `properties` make of it."""
    required = {
        "indicator": {
            "name": "n",
            "description": "d",
            "pattern": "[file:name = 'a']",
            "pattern_type": "stix",
            "valid_from": "2020-01-01T00:00:00Z",
        },
        "malware": {"name": "n", "is_family": False},
        "malware-analysis": {"product": "p", "result": "benign"},
        "location": {"region": "africa"},
        "grouping": {"name": "n", "context": "unspecified", "object_refs": [f"mutex--{UUID5}"]},
        "observed-data": {
            "first_observed": "2020-01-01T00:00:00Z",
            "last_observed": "2020-01-01T00:00:00Z",
            "number_observed": 1,
        },
        "report": {"name": "n", "published": "2020-01-01T00:00:00Z", "object_refs": [f"mutex--{UUID5}"]},
        "relationship": {},
    }
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{UUID4}",
        "created": "2020-01-01T00:00:00.000Z",
        "modified": "2020-01-01T00:00:00.000Z",
        **copy.deepcopy(required.get(kind, {"name": "n"})),
        **properties,
    }


def observable(kind, **properties):
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{UUID5}", **properties}


def marking(**properties):
    out = versioned("marking-definition", definition_type="statement", definition={"statement": "s"}, **properties)
    del out["modified"], out["name"]
    return out


def relationship(kind, source, target):
    return versioned(
        "relationship", relationship_type=kind, source_ref=f"{source}--{UUID4}", target_ref=f"{target}--{UUID4}"
    )


def old(kind, **properties):
    """The same for STIX 2.0."""
    out = versioned(kind, **properties)
    del out["spec_version"]
    out.pop("is_family", None)
    out.pop("pattern_type", None)
    if kind in ("indicator", "malware", "report", "threat-actor", "tool"):
        out.setdefault("labels", ["unknown-kind" if kind == "report" else "benign"])
    return out


def container(*objects):
    return {str(i): o for i, o in enumerate(objects)}


@dataclass
class Difference:
    name: str
    side: str
    code: Optional[int]
    says: str  # a regular expression over "rule pointer message" of Entente, or over the reference's text
    example: dict
    when: Callable[[dict], bool] = lambda stix: True

    def explains(self, side, code, text, stix):
        return (
            self.side == side
            and self.code == code
            and re.search(self.says, text, re.DOTALL) is not None
            and self.when(stix)
        )


def is_sco(stix):
    return stix.get("type") in SCOS


def is_20(stix):
    return stix.get("spec_version") != "2.1" and not is_sco(stix)


DIFFERENCES = [
    # -- The verdict: Entente refuses what the reference takes
    Difference(
        "Upper-case UUIDs",
        "entente",
        None,
        r"^S18 .*--[0-9a-f-]*[A-F][0-9a-fA-F-]* is no identifier",
        versioned("incident", id=f"incident--{UUID4.upper()}"),
    ),
    Difference(
        "References of cyber-observables",
        "entente",
        None,
        r"^S(18|23|4\d|5\d) \S*_refs?(/\d+)? .*(is no identifier|names an object of the wrong type)",
        observable("file", name="a", parent_directory_ref="elsewhere"),
    ),
    Difference(
        "Types of common references",
        "entente",
        None,
        r"^S1[45] .* names an object of the wrong type",
        versioned("incident", created_by_ref=f"malware--{UUID4}"),
    ),
    Difference("`defanged` elsewhere", "entente", None, r"^S16 ", versioned("incident", defanged=True)),
    Difference(
        "Header fields are lists",
        "entente",
        None,
        r"^S48 /(.*/)?additional_header_fields",
        observable("email-message", is_multipart=False, subject="s", additional_header_fields={"X-Mailer": "m"}),
    ),
    Difference(
        "Empty and null",
        "entente",
        None,
        r"^S[34] .*((\{\}|\[\]|null) is |an empty dictionary)",
        versioned("incident", x_acme_map={}),
    ),
    Difference(
        "Names of properties",
        "entente",
        None,
        r"^S(1|72) .* is no name of a property|^S4 /definition/.* is no key",
        versioned("incident", **{"foo-bar": 1}),
    ),
    Difference(
        "Reserved names",
        "entente",
        None,
        r"^S10 .* is reserved",
        versioned("incident", phone_number="1"),
    ),
    Difference(
        "Range of integers",
        "entente",
        None,
        r"^S3 .* is out of the range of integers",
        observable("autonomous-system", number=2**53),
    ),
    Difference(
        "Custom extensions",
        "entente",
        None,
        r"^S74 ",
        versioned("incident", extensions={"x-foo-ext": {"abc": 1}}),
    ),
    Difference(
        "E-mail addresses",
        "entente",
        None,
        r"^S47 .*e-mail address",
        observable("email-addr", value="jane@ab..example"),
    ),
    Difference(
        "Precision of markings",
        "entente",
        None,
        r"^S7 /created .* is too coarse",
        {**marking(), "created": "2020-01-01T00:00:00Z"},
        lambda stix: stix["type"] == "marking-definition",
    ),
    Difference(
        "Content of TLP",
        "entente",
        None,
        r"^S62 ",
        {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": TLP_GREEN,
            "name": "TLP:GREEN",
            "created": "2017-01-20T00:00:00.000Z",
            "definition_type": "tlp",
            "definition": {"TLP": "green"},
        },
    ),
    Difference(
        "Hashes of other algorithms",
        "entente",
        None,
        r"^S6 .* is no (SHA-?\S*|SSDEEP|TLSH|MD6|RIPEMD-160|WHIRLPOOL|ssdeep)",
        observable("file", hashes={"SHA-224": "aa"}),
    ),
    Difference("Languages that are none", "entente", None, r"^V10 ", versioned("incident", lang="ns-ZA")),
    Difference(
        "Upper-case hexadecimal digits",
        "entente",
        None,
        r"^S[23] .*pairs of 0-9 and a-f",
        observable("file", name="a", magic_number_hex="FFD8"),
    ),
    Difference(
        "Rules of patterns",
        "entente",
        None,
        r"^P\d+ /pattern",
        versioned("indicator", pattern="[file:size = 9007199254740993]"),
    ),
    # -- The verdict: the reference refuses what Entente takes
    Difference(
        "Language markings",
        "reference",
        None,
        r"'marking_ref' is a required property",
        versioned("incident", granular_markings=[{"selectors": ["name"], "lang": "de"}]),
    ),
    Difference(
        "Language tags",
        "reference",
        None,
        r"not a valid RFC 5646 language code|invalid language code|invalid ISO 639-2 language|"
        r"languages\[\d+\]: .* does not match|must be an RFC 5646 code",
        versioned("incident", lang="de-CH-1901"),
    ),
    Difference(
        "`lang` of cyber-observables",
        "reference",
        None,
        r"not a valid RFC 5646 language code",
        observable("mutex", name="n", lang="english"),
        is_sco,
    ),
    Difference(
        "`phone_numbers`",
        "reference",
        None,
        r"phone_numbers",
        versioned("incident", phone_numbers="1"),
    ),
    Difference(
        "Leap seconds",
        "reference",
        None,
        r"second must be in 0\.\.59",
        versioned("incident", created="2016-12-31T23:59:60.000Z"),
    ),
    Difference(
        "The year 0",
        "reference",
        None,
        r"year 0 is out of range|year 0000",
        versioned("incident", created="0000-01-01T00:00:00.000Z"),
    ),
    Difference(
        "Ids of CVE and CAPEC elsewhere",
        "reference",
        None,
        r"If the external reference is neither",
        versioned("incident", external_references=[{"source_name": "nvd", "external_id": "CVE-2020-0001"}]),
    ),
    Difference(
        "E-mail addresses",
        "reference",
        None,
        r"is not a 'email'|a-zA-Z0-9_\.\+-\]\+@",
        observable("email-addr", value="jane@[192.0.2.1]"),
    ),
    Difference(
        "Custom types around the standard's",
        "reference",
        None,
        r"is not valid under any of the given schemas|is valid under each of",
        old("observed-data", objects=container({"type": "x-ecs-process", "args": "a"})),
        lambda stix: "objects" in stix,
    ),
    Difference(
        "Media types of artifacts",
        "reference",
        None,
        r"'mime_type' property .* must be an IANA|does not match '\^\(application\|audio",
        observable("artifact", payload_bin="AAAA", mime_type="application/x-nothing"),
    ),
    Difference(
        "A header field that comes once",
        "reference",
        None,
        r"'minItems': 2|does not match any of the regexes",
        observable("email-message", is_multipart=False, subject="s", additional_header_fields={"X-Mailer": ["m"]}),
        lambda stix: "additional_header_fields" in str(stix),
    ),
    Difference(
        "Names in patterns",
        "reference",
        None,
        r"is not a valid observable (type|property) name",
        versioned("indicator", pattern="[FILE:name = 'a']"),
    ),
    Difference(
        "Registry keys that hold short hives",
        "reference",
        None,
        r"HKLM\|HKCC",
        observable("windows-registry-key", key="HKEY_LOCAL_MACHINE\\Software\\HKCU"),
    ),
    Difference(
        "IPv6 with a dotted quad",
        "reference",
        None,
        r"A-Fa-f\]\{1,4\}",
        observable("ipv6-addr", value="::ffff:192.0.2.1"),
    ),
    Difference(
        "CIDR blocks in STIX 2.0",
        "reference",
        None,
        r"is not a 'ipv[46]'",
        old("observed-data", objects=container({"type": "ipv4-addr", "value": "198.51.100.0/24"})),
        is_20,
    ),
    Difference(
        "Registry keys with a time alone",
        "reference",
        None,
        r"'required': \['modified'\]|\"modified\"|'modified' is a required",
        {
            "type": "windows-registry-key",
            "id": f"windows-registry-key--{UUID4}",
            "modified_time": "2020-01-01T00:00:00Z",
        },
    ),
    Difference(
        "Newer versions of UUIDs",
        "reference",
        None,
        r"does not match the id format",
        versioned("incident", id="incident--0190163d-8694-739b-aea5-966c26f8ad91"),
        lambda stix: re.search(r"--[0-9a-f]{8}-[0-9a-f]{4}-[6-8]", str(stix)) is not None,
    ),
    Difference(
        "Upper-case keys in selectors",
        "reference",
        None,
        r"does not match '\^\(\[a-z0-9_-\]\{3,249\}",
        observable(
            "file",
            hashes={"MD5": "d41d8cd98f00b204e9800998ecf8427e"},
            granular_markings=[{"selectors": ["hashes.MD5"], "marking_ref": TLP_GREEN}],
        ),
    ),
    Difference(
        "TLP with more properties",
        "reference",
        None,
        r"TLP marking definitions must match one of those defined",
        {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": TLP_GREEN,
            "name": "TLP:GREEN",
            "created": "2017-01-20T00:00:00.000Z",
            "definition_type": "tlp",
            "definition": {"tlp": "green"},
            "created_by_ref": f"identity--{UUID4}",
        },
    ),
    Difference(
        "Marking types that begin like the standard's",
        "reference",
        None,
        r"'definition' must contain a valid statement, TLP",
        {**marking(), "definition_type": "statements"},
    ),
    Difference(
        "TLSH with its version",
        "reference",
        None,
        r"a-zA-Z0-9\]\{70\}",
        observable("file", hashes={"TLSH": "T1" + "a" * 70}),
    ),
    # -- Recommendations
    Difference("Countries", "entente", 277, r"/country ", versioned("location", country="UK")),
    Difference("Countries", "reference", 201, r"Location `country`", versioned("location", country="ZZ")),
    Difference(
        "Spelling of other vocabularies",
        "entente",
        111,
        r" /(\S*/)?(context|pattern_type|account_type|pe_type|encryption_algorithm) ",
        versioned("grouping", context="Some Thing"),
    ),
    Difference(
        "Spelling without letters",
        "reference",
        111,
        r"Open vocabulary value '[^A-Z_ ]*' should",
        versioned("indicator", indicator_types=["42"]),
    ),
    Difference(
        "Spelling without letters",
        "reference",
        121,
        r"_name '[^A-Z_ ]*' should",
        versioned("indicator", kill_chain_phases=[{"kill_chain_name": "42", "phase_name": "a"}]),
    ),
    Difference(
        "Keys of dictionaries",
        "entente",
        142,
        r"",
        versioned("incident", x_acme_map={"Key": 1}),
        lambda stix: not is_sco(stix),
    ),
    Difference(
        "Names of 2.0 are no keys",
        "reference",
        142,
        r"longer than 30",
        old(
            "observed-data",
            objects=container(
                {
                    "type": "x509-certificate",
                    "x509_v3_extensions": {"private_key_usage_period_not_after": "2020-01-01T00:00:00Z"},
                }
            ),
        ),
        is_20,
    ),
    Difference(
        "Socket options",
        "reference",
        275,
        r"valid socket option|valid\s+socket option",
        old(
            "observed-data",
            objects=container(
                {"type": "mac-addr", "value": "00:00:00:00:00:00"},
                {
                    "type": "network-traffic",
                    "src_ref": "0",
                    "src_port": 1,
                    "dst_port": 2,
                    "protocols": ["tcp"],
                    "extensions": {"socket-ext": {"address_family": "AF_INET", "options": {"IP_TTL": 1}}},
                },
            ),
        ),
    ),
    Difference(
        "Header fields of requests",
        "reference",
        274,
        r"",
        observable(
            "network-traffic",
            protocols=["tcp", "http"],
            src_ref=f"ipv4-addr--{UUID5}",
            src_port=1,
            dst_port=80,
            extensions={
                "http-request-ext": {
                    "request_method": "get",
                    "request_value": "/",
                    "request_header": {"user-agent": ["a"]},
                }
            },
        ),
    ),
    Difference(
        "External references of cyber-observables",
        "reference",
        302,
        r"",
        observable("mutex", name="n", external_references=[{"source_name": "a", "url": "https://example.com/"}]),
        is_sco,
    ),
    Difference(
        "Relationships",
        "reference",
        202,
        r"'vulnerability'|'mutex'|analysis-of",
        relationship("targets", "malware", "vulnerability"),
    ),
    Difference(
        "Relationships",
        "entente",
        202,
        r"",
        relationship("derived-from", "malware", "tool"),
    ),
    Difference(
        "Reserved names",
        "entente",
        401,
        r" /(severity|username|phone_numbers|action) ",
        marking(phone_numbers="1"),
    ),
    Difference("`lang` of markings", "entente", 401, r" /lang ", marking(lang="en")),
    Difference(
        "Custom extensions",
        "entente",
        401,
        r"^S74 /(objects/\S*/)?extensions/",
        observable("mutex", name="n", extensions={"x-foo-ext": {"abc": 1}}),
    ),
    Difference(
        "Names that the reference misspells",
        "reference",
        401,
        r"installed_software_refs|windows_title",
        versioned("malware-analysis", installed_software_refs=[f"software--{UUID5}"]),
    ),
    Difference("Values of the errata", "reference", 226, r"", versioned("malware", implementation_languages=["rust"])),
    Difference("Values of the errata", "reference", 215, r"", versioned("identity", sectors=["legal"])),
    Difference("Values of the errata", "reference", 218, r"", versioned("report", report_types=["incident"])),
    Difference(
        "Values of the errata", "reference", 219, r"", versioned("threat-actor", threat_actor_types=["private-sector"])
    ),
    Difference("Values that are in no text", "entente", 244, r"kavi", observable("user-account", account_type="kavi")),
]
