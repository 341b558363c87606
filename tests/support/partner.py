"""A node whose partner reads one collection up to TLP:GREEN."""

from support.node import indicator

IDENTITY = "identity--8c6af861-7b20-41ef-9b59-6344fd872a8f"
RED = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"


def partly_red(number, name=None, description="seen at the ministry"):
    """An indicator of which the partner gets a redacted copy, without its description."""
    return indicator(
        number, created_by_ref=IDENTITY, name=name or f"Indicator {number}", description=description,
        granular_markings=[{"marking_ref": RED, "selectors": ["description"]}],
    )


class PartnerScene:
    """North, its collection, and South with the login `siem`. Not serving yet."""

    def __init__(self, make_node):
        self.node = node = make_node()
        node.run("party", "set", "North CERT", "--identity", IDENTITY)
        node.run("party", "add", "South CERT")
        node.run("user", "add", "siem", "--party", "South CERT", "--no-password")
        self.collection = node.collection("Indicators", "--alias", "indicators")
        node.grant("indicators", "--party", "South CERT", "--read", "--max-marking", "TLP:GREEN")

    def path(self, rest="objects/"):
        return f"/api/collections/{self.collection}/{rest}"

    def publish(self, *objects):
        answer = self.node.post(self.path(), list(objects), self.node.admin_token)
        assert answer.json()["failure_count"] == 0, answer.text
