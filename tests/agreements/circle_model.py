"""What readers should get, worked out from the documents alone: plain rules over plain objects, as docs/agreements.md tells them.

It shares nothing with the program but the standard's ids of markings.
"""

import datetime
import re
from dataclasses import dataclass, field

LEVELS = ["clear", "green", "amber", "amber+strict", "red"]
TLP = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
TLP_1 = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
}
RANK = {TLP[level]: at for at, level in enumerate(LEVELS)} | {id: LEVELS.index(level) for id, level in TLP_1.items()}
AMBER, STRICT, RED = 2, 3, 4
VOCABULARIES = ("indicator_types", "malware_types", "tool_types", "threat_actor_types", "relationship_type")
OWN = "hub"  # the party whose node it is


def rank(level):
    return LEVELS.index(level)


def references(obj):
    named = []
    for key, value in obj.items():
        if key in ("created_by_ref", "object_marking_refs"):
            continue
        if key.endswith("_ref"):
            named.append(value)
        elif key.endswith("_refs"):
            named += value
    return [id for id in named if id != obj["id"]]


@dataclass
class Entry:
    """An object as a party sent it, with what its writer knows of the parts that may have to go."""

    obj: dict
    source: str
    personal: dict = field(default_factory=dict)  # class of personal data -> whether it can be cut out
    arrivals: list = field(default_factory=list)  # the agreements that it came under: each that let it in

    @property
    def id(self):
        return self.obj["id"]

    @property
    def granular(self):
        return {RANK[g["marking_ref"]] for g in self.obj.get("granular_markings", [])}


@dataclass(frozen=True)
class Form:
    """An object as it is (nothing cut, nothing hidden), or the copy without some parts."""

    cut: frozenset = frozenset()
    hidden: frozenset = frozenset()  # ranks of the granular markings whose parts are gone
    renamed: frozenset = frozenset()  # (id, form) of what it names by the id of a copy

    @property
    def whole(self):
        return self == Form()


@dataclass(frozen=True)
class Reader:
    party: str
    user: str


class Agreement:
    def __init__(self, id, document):
        self.id, self.document = id, document
        self.suspended, self.left = False, set()

    def __repr__(self):
        return f"{self.document['title']} {self.id[:12]}"

    @property
    def flows(self):
        return self.document["flows"]

    def among(self, pids, party):
        return party in pids and party not in self.left

    def gives(self):
        return not self.suspended


class World:
    """Agreements and entries; `served` says what a reader gets."""

    def __init__(self, agreements, names, now):
        self.agreements = sorted(agreements, key=lambda a: a.id)
        self.names = names  # pid -> the party's name at the node
        self.now = now
        self.entries = {}

    def agreement(self, id):
        return next(a for a in self.agreements if a.id == id)

    # -- what may come in

    def arrives(self, entry):
        """Whether what the party sends comes into the collection; notes under which agreements."""
        if entry.source == OWN:  # by a grant up to TLP:RED
            return all(m in RANK for m in entry.obj.get("object_marking_refs", []))
        entry.arrivals = []
        for agreement in self.agreements:
            if not agreement.gives():
                continue
            for flow in agreement.flows:
                if not agreement.among(flow["from"], entry.source):
                    continue
                whole = self.form_by(flow, entry, rank(flow.get("max_marking", "amber")))
                if whole is not None and whole.whole and self.selects(flow, agreement, entry):
                    entry.arrivals.append(agreement.id)
                    break
        return bool(entry.arrivals)

    # -- what goes out

    def selects(self, flow, agreement, entry):
        obj, select = entry.obj, flow.get("select", {})
        if select.get("types") and obj["type"] not in select["types"]:
            return False
        words = {f"type:{obj['type']}"} | {f"label:{label}" for label in obj.get("labels", [])}
        for name in VOCABULARIES:
            value = obj.get(name, [])
            words |= {f"{name}:{v}" for v in ([value] if isinstance(value, str) else value)}
        wanted = {w for t in select.get("topics", []) for w in agreement.document["topics"][t]}
        if wanted and not wanted & words:
            return False
        if select.get("pattern_paths") and obj["type"] == "indicator":
            # Where nothing but tests of values stands, these are its paths.
            if not set(re.findall(r"([\w-]+:[\w.'-]+)\s*=", obj["pattern"])) <= set(select["pattern_paths"]):
                return False
        if any(f"label:{label}" in words for label in select.get("exclude_labels", [])):
            return False
        if "min_confidence" in select and obj.get("confidence", -1) < select["min_confidence"]:
            return False
        if "not_older_days" in select:
            modified = datetime.datetime.fromisoformat(obj["modified"].replace("Z", "+00:00"))
            if (self.now - modified).days > select["not_older_days"]:
                return False
        return True

    @staticmethod
    def form_by(flow, entry, ceiling):
        """In which form the markings and the personal data let it pass below a ceiling; None = not at all."""
        ranks = []
        for id in entry.obj.get("object_marking_refs", []):
            if id not in RANK:
                return None
            ranks.append(RANK[id])
        if max(ranks or [AMBER]) > ceiling:
            return None
        strip = set(flow.get("strip", ["contact", "account", "free-text"])) | {"credentials"}
        cut = frozenset(strip & set(entry.personal))
        if not all(entry.personal[c] for c in cut):
            return None
        return Form(cut, frozenset(g for g in entry.granular if g > ceiling))

    def onward(self, arrival, reader):
        """(ceiling, hours, only without producer) by which what came under another agreement goes on; None = not."""
        came = self.agreement(arrival)
        rule = came.document.get("onward", {})
        if not came.gives() or not rule.get("allowed"):
            return None
        highest = None
        for to in rule["to"]:
            level = {"public": 0, "clients": None}.get(to, None)
            if to.startswith("party:"):
                level = AMBER if to[6:] == self.names[reader.party] else None
            elif to.startswith("community:"):
                level = rank("green")
            if level is not None:
                highest = level if highest is None else max(highest, level)
        if highest is None:
            return None
        return (
            min(highest, rank(rule.get("max_marking", "clear"))),
            rule.get("min_delay_hours", 0),
            rule.get("attribution", "must-not") == "must-not",
        )

    def ways(self, agreement, entry, reader):
        """(flow, ceiling, hours, only without producer) of the flows by which it may go to the reader, by its source."""
        found = []
        for flow in agreement.flows:
            if not agreement.among(flow["to"], reader.party):
                continue
            ceiling, hours = rank(flow.get("max_marking", "amber")), flow.get("min_delay_hours", 0)
            if reader.user not in flow.get("named", []):
                ceiling = min(ceiling, STRICT)  # an organisation; RED is for the named alone
            if entry.source == reader.party:
                found.append((flow, ceiling, hours, False))
                continue
            if entry.source == OWN:
                if agreement.among(flow["from"], OWN):
                    found.append((flow, ceiling, hours, False))
                continue
            for arrival in entry.arrivals:
                if arrival == agreement.id:
                    if agreement.among(flow["from"], entry.source):
                        found.append((flow, ceiling, hours, False))
                    continue
                on = self.onward(arrival, reader) if agreement.among(flow["from"], OWN) else None
                if on is not None:
                    found.append((flow, min(ceiling, on[0]), max(hours, on[1]), on[2]))
        return found

    def by_agreement(self, agreement, entry, reader, known):
        """Form -> hours until it is given, by this agreement alone. `known` remembers what was worked out."""
        if entry.id in known:
            return known[entry.id]
        known[entry.id] = {}
        forms, ways = {}, []
        for flow, ceiling, hours, nameless in self.ways(agreement, entry, reader):
            form = self.form_by(flow, entry, ceiling)
            if form is None or not self.selects(flow, agreement, entry):
                continue
            # A copy is made by the node, and names the node's party as its creator.
            if nameless and ("created_by_ref" in entry.obj or not form.whole):
                continue
            forms[form] = min(hours, forms.get(form, hours))
            ways.append((flow, ceiling))
        # Who gets a fuller copy by one flow gets no emptier one by another.
        fullest = {
            form: hours
            for form, hours in forms.items()
            if not any(other != form and other.cut <= form.cut and other.hidden <= form.hidden for other in forms)
        }
        known[entry.id] = self.with_what_it_names(agreement, entry, reader, fullest, known)
        return known[entry.id]

    def with_what_it_names(self, agreement, entry, reader, forms, known):
        targets = [self.entries.get(id) for id in references(entry.obj)]
        out = {}
        for form, hours in forms.items():
            for target in targets:
                if target is None or target.source != entry.source:
                    continue
                given = self.by_agreement(agreement, target, reader, known)
                if not given:
                    break
                hours = max(hours, min(given.values()))
                if Form() not in given:
                    (copy,) = given
                    form = Form(form.cut, form.hidden, form.renamed | {(target.id, copy)})
            else:
                out[form] = hours
        return out

    def served(self, reader):
        """What a user of a partner gets now: ids of whole objects, and (id, form) of copies."""
        whole, copies = set(), set()
        for agreement in self.agreements:
            if not agreement.gives():
                continue
            known = {}
            for entry in self.entries.values():
                for form, hours in self.by_agreement(agreement, entry, reader, known).items():
                    if hours == 0:
                        whole.add(entry.id) if form.whole else copies.add((entry.id, form))
        return whole, copies

    def served_own(self, reader, ceiling):
        """What grants give a user of the node's own party: TLP:RED of partners only where they named the user."""
        whole, known = set(), {}

        def passes(entry):
            if entry.id not in known:
                known[entry.id] = True
                levels = [RANK[m] for m in entry.obj.get("object_marking_refs", [])] or [AMBER]
                top = max(levels + list(entry.granular))
                red = entry.source != OWN and not self.names_for_red(entry, reader)
                known[entry.id] = top <= (min(ceiling, STRICT) if red else ceiling)
                targets = [self.entries.get(id) for id in references(entry.obj)]
                mine = [t for t in targets if t is not None and t.source == entry.source]
                known[entry.id] = known[entry.id] and all(passes(t) for t in mine)
            return known[entry.id]

        whole |= {entry.id for entry in self.entries.values() if passes(entry)}
        return whole

    def names_for_red(self, entry, reader):
        """Whether a flow of its sender names the user. A party that leaves takes back nothing of what the node holds."""
        came = [self.agreement(arrival) for arrival in entry.arrivals]
        return any(
            agreement.gives() and entry.source in f["from"] and agreement.among(f["to"], OWN)
            and reader.user in f.get("named", [])
            for agreement in came
            for f in agreement.flows
        )
