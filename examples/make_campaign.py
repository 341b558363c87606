#!/usr/bin/env python3
"""Writes the sample campaign "Harbour Lantern" and what readers should see of it.

    python3 examples/make_campaign.py            writes the files beside this script
    python3 examples/make_campaign.py --check    fails if they differ from what it would write

Files: campaign-harbour-lantern.json (a STIX 2.1 bundle), campaign-harbour-lantern.expected.json (for each ceiling the
[id, version] pairs that a reader may see) and the tables in README.md. Nothing here is random: the same script gives the
same bytes. Everything is invented: names, hashes, events. Domains are of RFC 2606, addresses of RFC 5737 and RFC 3849, the
autonomous system number of RFC 5398.
"""

import hashlib
import json
import pathlib
import sys
import uuid
from collections import Counter

HERE = pathlib.Path(__file__).resolve().parent
NAME = "campaign-harbour-lantern"

SCO_NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1, 2.9
NORTH_CERT = "identity--6f2b6f5e-4c1f-4d0a-9a58-3f1c8f7d2e10"

CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
STRICT = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
TLP1_GREEN = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"

CEILINGS = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
LEVEL = {CLEAR: 0, GREEN: 1, AMBER: 2, STRICT: 3, RED: 4, TLP1_GREEN: 1}
DEFAULT_LEVEL = 2  # a collection's default marking, AMBER, for objects without one
UNVERSIONED = "1970-01-01T00:00:00.000Z"

OBJECTS = []


# ---- making objects


def canonical(value):
    """RFC 8785 for the values used here: no floats, and names in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def made_up(kind, name):
    """A hash that looks like one and belongs to nothing."""
    return hashlib.new(kind, f"harbour-lantern/{name}".encode()).hexdigest()


def object_id(kind, key):
    """A stable identifier with the form of a random (version 4) UUID."""
    digest = hashlib.sha256(f"harbour-lantern/{kind}/{key}".encode()).digest()
    return f"{kind}--{uuid.UUID(bytes=digest[:16], version=4)}"


def day(text):
    """`MM-DD HH:MM` of 2025 as a STIX timestamp."""
    date, time = text.split()
    return f"2025-{date}T{time}:00.000Z"


def marked(marking):
    if marking is None:
        return {}
    return {"object_marking_refs": marking if isinstance(marking, list) else [marking]}


def add(kind, key, created, marking, modified=None, **properties):
    """A domain, relationship or meta object; call again with `modified` for a further version."""
    identifier = properties.pop("id", None) or object_id(kind, key)
    common = {"type": kind, "spec_version": "2.1", "id": identifier}
    if identifier != NORTH_CERT:
        common["created_by_ref"] = NORTH_CERT
    common["created"] = day(created)
    if kind != "marking-definition":
        common["modified"] = day(modified or created)
    OBJECTS.append({**common, **properties, **marked(marking)})
    return identifier


def observable(kind, marking, contributing, **further):
    """A cyber-observable with the deterministic identifier of STIX 2.1, 2.9."""
    basis = dict(contributing)
    if "hashes" in basis:  # one entry only, in the order of preference
        algorithm = next(a for a in ("MD5", "SHA-1", "SHA-256", "SHA-512") if a in basis["hashes"])
        basis["hashes"] = {algorithm: basis["hashes"][algorithm]}
    identifier = f"{kind}--{uuid.uuid5(SCO_NAMESPACE, canonical(basis))}"
    head = {"type": kind, "spec_version": "2.1", "id": identifier}
    OBJECTS.append({**head, **contributing, **further, **marked(marking)})
    return identifier


def indicator(key, created, marking, name, description, pattern, types=("malicious-activity",), **properties):
    modified = properties.pop("modified", None)
    return add(
        "indicator", key, created, marking, modified, name=name, description=description, indicator_types=list(types),
        pattern=pattern, pattern_type="stix", pattern_version="2.1", valid_from=day(created), **properties,
    )


def relationship(source, verb, target, created, marking, **properties):
    key = f"{source} {verb} {target}"
    return add(
        "relationship", key, created, marking, relationship_type=verb, source_ref=source, target_ref=target, **properties
    )


def attack(external_id, name, tactic, created):
    return add(
        "attack-pattern", external_id, created, CLEAR, name=name,
        external_references=[{"source_name": "mitre-attack", "external_id": external_id}],
        kill_chain_phases=[{"kill_chain_name": "mitre-attack", "phase_name": tactic}],
    )


# ---- the story


def who():
    add(
        "identity", "north-cert", "01-07 09:00", CLEAR, id=NORTH_CERT, name="North CERT", identity_class="organization",
        sectors=["government-national"], contact_information="https://cert.north.example/contact",
    )
    statement = add(
        "marking-definition", "terms", "01-07 09:05", None, name="North CERT terms",
        definition_type="statement",
        definition={"statement": "(c) 2025 North CERT. For the defence of networks; name North CERT when you pass it on."},
    )
    ids = {"statement": statement}
    for key, name, kind, sector, marking in (
        ("south-cert", "South CERT", "organization", "government-national", CLEAR),
        ("ports", "Port operators", "class", "transportation", CLEAR),
        ("energy", "Energy suppliers", "class", "energy", CLEAR),
        ("haven", "Port of Example Haven", "organization", "transportation", RED),
        ("grid", "Example Grid", "organization", "energy", STRICT),
    ):
        ids[key] = add("identity", key, "10-02 08:00", marking, name=name, identity_class=kind, sectors=[sector])
    ids["region"] = add(
        "location", "northern-europe", "10-02 08:05", CLEAR, name="Northern Europe", region="northern-europe"
    )
    return ids


def ways(ids):
    ids["phishing"] = attack("T1566.001", "Spearphishing Attachment", "initial-access", "10-02 08:10")
    ids["exploit"] = attack("T1190", "Exploit Public-Facing Application", "initial-access", "10-02 08:11")
    ids["accounts"] = attack("T1078", "Valid Accounts", "persistence", "10-02 08:12")
    ids["exfiltrate"] = attack("T1567.002", "Exfiltration to Cloud Storage", "exfiltration", "10-02 08:13")
    ids["no-recovery"] = attack("T1490", "Inhibit System Recovery", "impact", "10-02 08:14")
    ids["encrypt"] = attack("T1486", "Data Encrypted for Impact", "impact", "10-02 08:15")
    ids["rclone"] = add("tool", "rclone", "10-02 08:20", CLEAR, name="Rclone", tool_types=["exploitation"])
    ids["psexec"] = add("tool", "psexec", "10-02 08:21", CLEAR, name="PsExec", tool_types=["remote-access"])
    ids["upload-flaw"] = add(
        "vulnerability", "upload-flaw", "10-06 07:00", CLEAR, name="BerthPlan portal: file upload without login",
        description="Versions before 4.2.9 store an uploaded manifest under a name that the sender chooses.",
        external_references=[{"source_name": "north-cert", "external_id": "NC-2025-031"}],
    )
    for key, name, text in (
        ("block-names", "Block the look-alike names", "Refuse mail from and lookups of the names in the indicators."),
        ("patch-portal", "Update BerthPlan", "Install BerthPlan 4.2.9 or take its upload page off the Internet."),
        ("keep-copies", "Keep copies offline", "Keep one backup that no domain account can change, and restore from it."),
    ):
        ids[key] = add("course-of-action", key, "10-06 07:10", CLEAR, name=name, description=text)


def attackers(ids):
    loader = dict(
        name="LanternLoader", is_family=True, malware_types=["dropper", "downloader"], first_seen=day("09-29 00:00"),
        description="A script in a shipping manifest that fetches the next stage over HTTPS.",
    )
    ids["loader"] = add("malware", "lanternloader", "10-03 10:00", GREEN, **loader)
    locker = dict(name="WickLock", is_family=True, malware_types=["ransomware"], first_seen=day("10-08 00:00"))
    ids["locker"] = add("malware", "wicklock", "10-09 12:00", GREEN, **locker)
    locker["aliases"] = ["Wick"]
    add("malware", "wicklock", "10-09 12:00", GREEN, "10-14 09:30", **locker)
    locker["description"] = "Encrypts files and appends .wicklock; deletes shadow copies first."
    add("malware", "wicklock", "10-09 12:00", GREEN, "10-27 16:00", **locker)
    campaign = dict(
        name="Harbour Lantern", first_seen=day("09-29 00:00"),
        description="Mail in the name of harbour masters to ports and to the energy suppliers that serve them.",
    )
    ids["campaign"] = add("campaign", "harbour-lantern", "10-03 11:00", GREEN, **campaign)
    campaign["objective"] = "Ransom; data is copied before it is encrypted."
    add("campaign", "harbour-lantern", "10-03 11:00", GREEN, "10-27 16:10", **campaign)
    ids["set"] = add(
        "intrusion-set", "wick-street", "10-15 13:00", AMBER, name="Wick Street", goals=["extortion"],
        resource_level="organization", primary_motivation="personal-gain",
    )
    crew = dict(name="Wick Street crew", threat_actor_types=["crime-syndicate"], sophistication="advanced")
    ids["crew"] = add("threat-actor", "wick-street-crew", "10-20 08:00", STRICT, **crew)
    crew["roles"] = ["malware-author", "director"]
    add("threat-actor", "wick-street-crew", "10-20 08:00", STRICT, "11-05 14:00", **crew)
    ids["mail-hosts"] = add(
        "infrastructure", "mail-hosts", "10-03 12:00", GREEN, name="Hosts that send the mail",
        infrastructure_types=["phishing"], first_seen=day("09-29 00:00"),
    )
    ids["control"] = add(
        "infrastructure", "control", "10-10 06:00", AMBER, name="Control servers of LanternLoader",
        infrastructure_types=["command-and-control"],
        description="One of them is watched together with its hoster; do not touch 198.51.100.77.",
        granular_markings=[{"marking_ref": RED, "selectors": ["description"]}],
    )


def observables(ids):
    manifest = {"SHA-256": made_up("sha256", "manifest"), "MD5": made_up("md5", "manifest")}
    loader = {"SHA-256": made_up("sha256", "loader")}
    locker = {"SHA-256": made_up("sha256", "locker"), "SHA-1": made_up("sha1", "locker")}
    ids["hashes"] = {"manifest": manifest, "loader": loader, "locker": locker}
    ids["as"] = observable("autonomous-system", None, {"number": 64501}, name="Example Hosting")
    ids["ip-mail"] = observable("ipv4-addr", GREEN, {"value": "203.0.113.25"})
    ids["ip-control"] = observable("ipv4-addr", None, {"value": "198.51.100.77"})
    ids["ip-port"] = observable("ipv4-addr", RED, {"value": "192.0.2.14"})
    ids["ip6-control"] = observable("ipv6-addr", AMBER, {"value": "2001:db8:5a:1::77"})
    ids["name-mail"] = observable("domain-name", CLEAR, {"value": "berth-notice.example"})
    ids["name-control"] = observable(
        "domain-name", GREEN, {"value": "tide-table.example.net"}, resolves_to_refs=[ids["ip-mail"]]
    )
    ids["url"] = observable("url", CLEAR, {"value": "https://berth-notice.example/manifest/get"})
    ids["sender"] = observable("email-addr", GREEN, {"value": "harbourmaster@berth-notice.example"})
    ids["recipient"] = observable(
        "email-addr", RED, {"value": "operations@haven.example.org"}, display_name="Operations, Example Haven"
    )
    ids["mail"] = observable(
        "email-message", RED,
        {"from_ref": ids["sender"], "subject": "Changed berth for MV Example", "body": "Please confirm the attached manifest."},
        is_multipart=False, to_refs=[ids["recipient"]], date=day("09-29 05:12"),
    )
    ids["file-manifest"] = observable("file", GREEN, {"hashes": manifest, "name": "manifest-0929.html"}, size=48211)
    ids["file-loader"] = observable("file", GREEN, {"hashes": loader, "name": "tide.js"}, size=18034)
    ids["file-locker"] = observable("file", CLEAR, {"hashes": locker, "name": "wl.exe"}, size=734208)
    ids["mutex"] = observable("mutex", GREEN, {"name": "Global\\WickLock-1"})
    ids["run-key"] = observable(
        "windows-registry-key", GREEN,
        {
            "key": "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run",
            "values": [{"name": "TideTable", "data": "wscript.exe tide.js", "data_type": "REG_SZ"}],
        },
    )
    ids["traffic"] = observable(
        "network-traffic", AMBER,
        {
            "start": "2025-10-08T22:41:00Z", "src_ref": ids["ip-port"], "dst_ref": ids["ip-control"], "src_port": 50122,
            "dst_port": 443,
            "protocols": ["ipv4", "tcp", "https"],
        },
    )
    ids["traffic-grid"] = observable(
        "network-traffic", AMBER,
        {
            "start": "2025-10-11T03:20:00Z", "dst_ref": ids["ip6-control"], "src_port": 49877, "dst_port": 8443,
            "protocols": ["ipv6", "tcp"],
        },
    )
    ids["certificate"] = observable(
        "x509-certificate", AMBER, {"hashes": {"SHA-256": made_up("sha256", "certificate")}, "serial_number": "36:f7:d4:32"},
        issuer="CN=Tide Table", subject="CN=tide-table.example.net", validity_not_before=day("09-20 00:00"),
    )
    process = {"type": "process", "spec_version": "2.1", "id": object_id("process", "vssadmin")}
    OBJECTS.append(
        {
            **process, "pid": 4312, "command_line": "vssadmin.exe delete shadows /all /quiet",
            "image_ref": ids["file-locker"], **marked(GREEN),
        }
    )
    ids["process"] = process["id"]


def indicators(ids):
    hashes = ids["hashes"]
    text = ("Name in the mails", "Registered in September; looks like the notice service of a port authority.")
    pattern = "[domain-name:value = 'berth-notice.example']"
    ids["i-name"] = indicator("name", "10-03 14:00", AMBER, *text, pattern)
    indicator("name", "10-03 14:00", GREEN, *text, pattern, modified="10-06 08:00", confidence=85)
    ids["i-url"] = indicator(
        "url", "10-06 08:05", CLEAR, "Address of the manifest page", "The link in the mails; the last part changes.",
        "[url:value LIKE 'https://berth-notice.example/%']",
    )
    ids["i-sender"] = indicator(
        "sender", "10-03 14:10", GREEN, "Sender of the mails", "One sender, many subjects with one beginning.",
        "[email-message:from_ref.value = 'harbourmaster@berth-notice.example' AND email-message:subject LIKE 'Changed berth%']",
    )
    ids["i-manifest"] = indicator(
        "manifest", "10-03 14:20", [CLEAR, ids["statement"]], "The attached manifest", "A page that builds the script when opened.",
        f"[file:hashes.MD5 = '{hashes['manifest']['MD5']}' OR file:hashes.'SHA-256' = '{hashes['manifest']['SHA-256']}']",
    )
    ids["i-loader"] = indicator(
        "loader", "10-03 14:30", [GREEN, ids["statement"]], "LanternLoader", "The script that fetches the next stage.",
        f"[file:hashes.'SHA-256' = '{hashes['loader']['SHA-256']}']",
    )
    ids["i-locker"] = indicator(
        "locker", "10-09 12:30", CLEAR, "WickLock", "The program that encrypts, as found on two hosts.",
        f"[file:hashes.'SHA-256' = '{hashes['locker']['SHA-256']}']",
    )
    ids["i-control"] = indicator(
        "control", "10-10 06:30", TLP1_GREEN, "Control server", "HTTPS every 90 seconds from hosts with LanternLoader.",
        "[network-traffic:dst_ref.value = '198.51.100.77' AND network-traffic:dst_port = 443]",
    )
    ids["i-control-net"] = indicator(
        "control-net", "10-12 06:30", AMBER, "Network of the control servers", "Rented whole; nothing else is known in it.",
        "[ipv6-addr:value ISSUBSET '2001:db8:5a::/48']",
    )
    ids["i-shadows"] = indicator(
        "shadows", "10-14 10:00", GREEN, "Shadow copies deleted, then files renamed", "The ten minutes before a ransom note.",
        "([process:command_line LIKE '%vssadmin%delete shadows%'] FOLLOWEDBY [file:name LIKE '%.wicklock']) WITHIN 600 SECONDS",
    )
    ids["i-mutex"] = indicator(
        "mutex", "10-14 10:10", GREEN, "Mutex of WickLock",
        "Found in memory of the berth scheduler at the Port of Example Haven.", "[mutex:name = 'Global\\\\WickLock-1']",
        granular_markings=[{"marking_ref": RED, "selectors": ["description"]}],
    )
    ids["i-run-key"] = indicator(
        "run-key", "10-14 10:20", GREEN, "Start of LanternLoader", "Set for all users of the host.",
        "[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\Run' "
        "AND windows-registry-key:values[*].name = 'TideTable']",
    )
    name, pattern = "Address that mails came from", "[ipv4-addr:value = '203.0.113.80']"
    ids["i-shared-host"] = indicator("shared-host", "10-04 09:00", GREEN, name, "In the headers of three mails.", pattern)
    indicator(
        "shared-host", "10-04 09:00", GREEN, name, "A mail relay with many customers: withdrawn.", pattern,
        modified="10-07 17:45", revoked=True,
    )
    ids["i-haven"] = indicator(
        "haven", "10-16 07:00", RED, "Logins with the account that was taken over", "Locked since 16 October; any use is theirs.",
        "[user-account:account_login = 'svc-berthplan' AND user-account:account_type = 'windows-domain']",
        types=("compromised",),
    )


def links(ids):
    def link(source, verb, target, created, marking, **properties):
        key = f"{source} {verb} {target}"
        ids[key] = relationship(ids[source], verb, ids[target], created, marking, **properties)

    link("i-name", "indicates", "campaign", "10-03 15:00", GREEN)
    link("i-url", "indicates", "loader", "10-06 08:10", GREEN)
    link("i-sender", "indicates", "campaign", "10-03 15:02", GREEN)
    link("i-manifest", "indicates", "phishing", "10-03 15:03", CLEAR)
    link("i-loader", "indicates", "loader", "10-03 15:04", GREEN)
    link("i-locker", "indicates", "encrypt", "10-09 12:40", CLEAR)
    link("i-control", "indicates", "loader", "10-10 06:40", GREEN)
    link("i-control-net", "indicates", "control", "10-12 06:40", AMBER)
    link("i-shadows", "indicates", "locker", "10-14 10:30", GREEN)
    link("i-mutex", "indicates", "locker", "10-14 10:31", GREEN)
    link("i-run-key", "indicates", "loader", "10-14 10:32", None)
    link("i-haven", "indicates", "accounts", "10-16 07:05", RED)
    link("campaign", "uses", "loader", "10-03 15:10", GREEN)
    link("campaign", "uses", "locker", "10-09 13:00", GREEN)
    link("campaign", "uses", "phishing", "10-03 15:11", GREEN)
    link("campaign", "uses", "rclone", "10-15 13:10", GREEN)
    link("campaign", "targets", "ports", "10-03 15:12", GREEN)
    link("campaign", "targets", "energy", "10-11 08:00", GREEN)
    # Green itself, but its end is not: who may see GREEN must not learn that there is such a victim.
    link("campaign", "targets", "haven", "10-09 13:10", GREEN)
    link("campaign", "targets", "grid", "10-11 08:10", STRICT)
    link("campaign", "attributed-to", "set", "10-15 13:20", AMBER)
    link("set", "attributed-to", "crew", "10-20 08:10", STRICT)
    link("crew", "located-at", "region", "10-20 08:20", STRICT)
    link("set", "uses", "psexec", "10-15 13:30", None)
    link("loader", "downloads", "locker", "10-09 13:20", GREEN)
    link("loader", "beacons-to", "control", "10-10 06:50", AMBER)
    link("locker", "uses", "no-recovery", "10-14 10:40", GREEN)
    link("locker", "uses", "encrypt", "10-09 13:30", GREEN)
    link("control", "consists-of", "ip-control", "10-10 06:55", AMBER)
    link("control", "consists-of", "ip6-control", "10-12 06:55", AMBER)
    link("mail-hosts", "consists-of", "ip-mail", "10-03 15:20", GREEN)
    link("mail-hosts", "consists-of", "name-mail", "10-03 15:21", GREEN)
    link("name-mail", "resolves-to", "ip-mail", "10-03 15:22", GREEN)
    link("ip-control", "belongs-to", "as", "10-10 07:00", None)
    link("set", "uses", "exfiltrate", "10-15 13:40", AMBER)
    link("crew", "targets", "upload-flaw", "10-20 08:30", STRICT)
    link("exploit", "targets", "upload-flaw", "10-06 07:20", CLEAR)
    link("block-names", "mitigates", "phishing", "10-06 07:21", CLEAR)
    link("patch-portal", "mitigates", "upload-flaw", "10-06 07:22", CLEAR)
    link("keep-copies", "mitigates", "encrypt", "10-06 07:23", CLEAR)
    link("keep-copies", "mitigates", "locker", "10-09 13:40", CLEAR)


def seen(ids):
    def observed(key, created, marking, first, last, number, names):
        return add(
            "observed-data", key, created, marking, first_observed=day(first), last_observed=day(last),
            number_observed=number, object_refs=[ids[name] for name in names],
        )

    def sighting(key, created, marking, of, count, **properties):
        return add("sighting", key, created, marking, sighting_of_ref=ids[of], count=count, **properties)

    ids["o-mail"] = observed("mail", "10-09 14:00", RED, "09-29 05:12", "09-29 05:12", 1, ["mail", "sender", "recipient"])
    ids["o-files"] = observed(
        "files", "10-09 14:10", GREEN, "10-08 22:30", "10-08 23:05", 3, ["file-manifest", "file-loader", "file-locker"]
    )
    ids["o-beacon"] = observed(
        "beacon", "10-10 07:10", AMBER, "10-08 22:41", "10-10 05:00", 212, ["traffic", "ip-port", "ip-control"]
    )
    ids["o-beacon-grid"] = observed(
        "beacon-grid", "10-11 08:20", AMBER, "10-11 03:20", "10-11 03:55", 14, ["traffic-grid", "ip6-control", "certificate"]
    )
    ids["o-host"] = observed(
        "host", "10-14 11:00", GREEN, "10-08 23:01", "10-08 23:01", 1, ["process", "file-locker", "mutex"]
    )
    ids["s-name"] = sighting(
        "name", "10-08 06:00", GREEN, "i-name", 17, where_sighted_refs=[ids["ports"]], first_seen=day("10-06 09:00"),
        last_seen=day("10-08 05:00"),
    )
    ids["s-loader"] = sighting("loader", "10-09 14:20", AMBER, "i-loader", 2, observed_data_refs=[ids["o-files"]])
    ids["s-locker"] = sighting(
        "locker", "10-09 14:30", GREEN, "locker", 1, where_sighted_refs=[ids["haven"]], observed_data_refs=[ids["o-files"]]
    )
    ids["s-south"] = sighting("south", "10-13 09:00", None, "i-locker", 4, where_sighted_refs=[ids["south-cert"]])
    ids["s-control"] = sighting(
        "control", "10-11 08:30", STRICT, "i-control-net", 14, where_sighted_refs=[ids["grid"]],
        observed_data_refs=[ids["o-beacon-grid"]],
    )


def words(ids):
    def refs(*names):
        return [ids[name] for name in names]

    ids["r-public"] = add(
        "report", "public", "10-16 09:00", CLEAR, name="Mail in the name of harbour masters", report_types=["campaign"],
        published=day("10-16 09:00"),
        description="Ports and energy suppliers get mail with a false shipping manifest. How to see it and what to do.",
        object_refs=refs(
            "phishing", "exploit", "encrypt", "upload-flaw", "block-names", "patch-portal", "keep-copies", "i-url",
            "i-manifest", "i-locker", "exploit targets upload-flaw", "keep-copies mitigates encrypt",
        ),
    )
    add(
        "language-content", "public-de", "10-16 10:00", CLEAR, object_ref=ids["r-public"], object_modified=day("10-16 09:00"),
        contents={"de": {"name": "E-Mails im Namen von Hafenmeistern"}},
    )
    ids["r-members"] = add(
        "report", "members", "10-16 09:30", GREEN, name="Harbour Lantern: indicators for members",
        report_types=["indicator", "malware"], published=day("10-16 09:30"),
        object_refs=refs("campaign", "loader", "locker", "i-name", "i-sender", "i-loader", "i-control", "i-shadows", "o-host"),
    )
    situation = dict(report_types=["threat-report"], published=day("10-17 08:00"))
    situation["object_refs"] = refs("campaign", "set", "control", "i-control-net", "s-loader", "o-beacon-grid")
    ids["r-situation"] = add(
        "report", "situation", "10-17 08:00", AMBER, name="Harbour Lantern: situation, week 42", **situation
    )
    situation["object_refs"] += refs("campaign attributed-to set", "s-south")
    add("report", "situation", "10-17 08:00", AMBER, "10-24 08:00", name="Harbour Lantern: situation, week 43", **situation)
    add(
        "grouping", "triage", "10-13 10:00", AMBER, name="For triage", context="suspicious-activity",
        object_refs=refs("name-control", "certificate", "as"),
    )
    # Green, but it names the green relationship whose end is red: withheld with it.
    add(
        "grouping", "hit", "10-16 10:30", GREEN, name="Who is hit", context="suspicious-activity",
        object_refs=refs("campaign targets ports", "campaign targets haven"),
    )
    add(
        "note", "timeline", "10-20 09:00", STRICT, abstract="Timeline at Example Grid", object_refs=refs("grid", "o-beacon-grid"),
        content="03:20 first connection; 03:55 link to the outside cut; nothing was encrypted.", authors=["Duty officer"],
    )
    add(
        "note", "negotiation", "10-21 07:30", RED, abstract="Contact with the attackers", object_refs=refs("haven", "campaign"),
        content="The port does not pay. Police hold the chat.",
    )
    add(
        "note", "handling", "10-16 11:00", CLEAR, content="Questions about this campaign: quote NC-2025-031.",
        object_refs=refs("r-public"),
    )
    add(
        "opinion", "attribution", "10-22 08:00", AMBER, opinion="agree", object_refs=refs("campaign attributed-to set"),
        explanation="South CERT sees the same builder in two cases of its own.",
    )


# ---- who sees what


def version(obj):
    return obj.get("modified") or obj.get("created") or UNVERSIONED


def level(obj):
    """The highest of the markings, object and granular; a statement restricts nothing."""
    own = obj.get("object_marking_refs", [])
    granular = [g["marking_ref"] for g in obj.get("granular_markings", []) if "marking_ref" in g]
    levels = [LEVEL[m] for m in own + granular if m in LEVEL]
    if not own:
        levels.append(DEFAULT_LEVEL)
    return max(levels)


def references(obj):
    found = set()
    for name, value in obj.items():
        if name in ("created_by_ref", "object_marking_refs"):
            continue
        if name.endswith("_ref"):
            found.add(value)
        elif name.endswith("_refs"):
            found.update(value)
    return found


def visible(objects, ceiling):
    """What passes by its markings, less what names an object of the bundle that has no version left, and so on."""
    here = {o["id"] for o in objects}
    shown = [o for o in objects if level(o) <= ceiling]
    while True:
        ids = {o["id"] for o in shown}
        kept = [o for o in shown if all(r in ids for r in references(o) & here)]
        if len(kept) == len(shown):
            return kept
        shown = kept


def tables(objects):
    """The two tables of the README, as Markdown."""
    shown = {name: visible(objects, i) for i, name in enumerate(CEILINGS)}
    out = ["| ceiling | entries | of " + str(len(objects)) + " withheld |", "|---|---|---|"]
    out += [f"| {name} | {len(shown[name])} | {len(objects) - len(shown[name])} |" for name in CEILINGS]
    out += ["", "| type | entries | at ceiling TLP:GREEN |", "|---|---|---|"]
    every = Counter(o["type"] for o in objects)
    green = Counter(o["type"] for o in shown["TLP:GREEN"])
    out += [f"| {kind} | {every[kind]} | {green[kind]} |" for kind in sorted(every)]
    out.append(f"| **all** | **{sum(every.values())}** | **{sum(green.values())}** |")
    return "\n".join(out)


def files():
    ids = who()
    ways(ids)
    attackers(ids)
    observables(ids)
    indicators(ids)
    links(ids)
    seen(ids)
    words(ids)
    bundle = {"type": "bundle", "id": object_id("bundle", NAME), "objects": OBJECTS}
    expected = {
        name: sorted([o["id"], version(o)] for o in visible(OBJECTS, i)) for i, name in enumerate(CEILINGS)
    }
    lines = [f"  {json.dumps(name)}: [\n" + ",\n".join("    " + json.dumps(p) for p in pairs) + "\n  ]"
             for name, pairs in expected.items()]
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    head, rest = readme.split("<!-- tables -->\n")
    _, tail = rest.split("<!-- end of tables -->\n")
    readme = f"{head}<!-- tables -->\n{tables(OBJECTS)}\n<!-- end of tables -->\n{tail}"
    return {
        f"{NAME}.json": json.dumps(bundle, indent=2, ensure_ascii=False) + "\n",
        f"{NAME}.expected.json": "{\n" + ",\n".join(lines) + "\n}\n",
        "README.md": readme,
    }


def main():
    check = sys.argv[1:] == ["--check"]
    wrong = []
    for name, text in files().items():
        path = HERE / name
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(name)
    if wrong:
        sys.exit(f"not as make_campaign.py would write them: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
