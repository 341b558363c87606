"""What the posting products send: 5,000 objects in their own shapes, and later ones."""

import uuid

from field import CLEAR, DAY, GREEN, SCO_NAMESPACE, WHITE_1, now_stix, pattern


def misp_id(kind, number):
    """Every third UUID is of version 1, as in data that older tools put into MISP."""
    return f"{kind}--{number:08x}-5ca1-{'1' if number % 3 == 0 else '4'}1ee-8000-00000000a15b"


def misp_object(number, modified=DAY, **more):
    """Attributes of events: indicators with MISP's labels, its own object type, observables, and a report for each event of 100."""
    dates = {"created": DAY, "modified": modified}
    event = number - number % 100
    author = {"created_by_ref": misp_id("identity", 0)}
    marking = {"object_marking_refs": [(CLEAR, WHITE_1)[number % 2]]}
    labels = ['misp:type="domain"', 'misp:category="Network activity"', 'misp:to_ids="True"']
    if number == 0:
        return {"type": "identity", "spec_version": "2.1", "id": misp_id("identity", 0), **dates, "name": "ORGNAME", "identity_class": "organization", **more}
    if number == event:
        return {
            "type": "report", "spec_version": "2.1", "id": misp_id("report", number), **author, **dates, "name": f"Event {event}", "published": DAY,
            "labels": ["Threat-Report", 'misp:tool="MISP-STIX-Converter"'],
            "object_refs": [misp_id("indicator", event + 1), misp_id("x-misp-attribute", event + 2)], **marking, **more,
        }
    if number % 10 == 2:
        return {
            "type": "x-misp-attribute", "spec_version": "2.1", "id": misp_id("x-misp-attribute", number), **author, **dates, "labels": labels,
            "x_misp_category": "Other", "x_misp_type": "text", "x_misp_value": f"value {number}", **marking, **more,
        }
    if number % 10 == 3:
        value = f"m{number}.example.org"
        return {
            "type": "domain-name", "spec_version": "2.1", "value": value,
            "id": f"domain-name--{uuid.uuid5(SCO_NAMESPACE, '{' + chr(34) + 'value' + chr(34) + ':' + chr(34) + value + chr(34) + '}')}",
        }
    return {
        "type": "indicator", "spec_version": "2.1", "id": misp_id("indicator", number), **author, **dates, "pattern": pattern(number),
        "pattern_type": "stix", "pattern_version": "2.1", "valid_from": DAY, "labels": labels,
        "kill_chain_phases": [{"kill_chain_name": "misp-category", "phase_name": "Network activity"}], **marking, **more,
    }


def splunk_id(kind, number):
    return f"{kind}--{number:08x}-5ca1-4000-8000-00000000591c"


def splunk_object(number, modified=DAY, **more):
    """A grouping of 98 indicators with the identity of who reports; the identity goes with every bundle again."""
    dates = {"created": DAY, "modified": modified}
    group = number - number % 100
    if number % 100 == 0:
        return {
            "type": "identity", "spec_version": "2.1", "id": splunk_id("identity", 0), "created": DAY, "modified": DAY,
            "name": "Reporter", "identity_class": "organization",
        }
    common = {"created_by_ref": splunk_id("identity", 0), **dates, "object_marking_refs": [GREEN]}
    if number % 100 == 1:
        return {
            "type": "grouping", "spec_version": "2.1", "id": splunk_id("grouping", number), **common, "name": f"Grouping {group}",
            "context": "suspicious-activity", "object_refs": [splunk_id("indicator", group + n) for n in range(2, 100)], **more,
        }
    return {
        "type": "indicator", "spec_version": "2.1", "id": splunk_id("indicator", number), **common, "name": f"Indicator {number}",
        "indicator_types": ["malicious-activity"], "confidence": 80, "pattern": pattern(number), "pattern_type": "stix", "pattern_version": "2.1",
        "valid_from": DAY, **more,
    }


def first(shape, count):
    return [shape(number) for number in range(count)]


def later(shape, start, count):
    modified = now_stix()
    return [shape(number, modified) for number in range(start, start + count)]


def revoked(shape, number):
    return shape(number, now_stix(), revoked=True)
