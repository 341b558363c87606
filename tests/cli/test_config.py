"""The file of settings of serve: what it may say, what is refused, and what SIGHUP takes over."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from support.node import binary, entente

CONFIGURATION = (Path(__file__).resolve().parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")


def settings_of_serve():
    """The options of serve that can stand in the file."""
    options = set(re.findall(r"^  --([a-z0-9-]+)", entente("serve", "--help").stdout, re.M))
    return options - {"help", "json", "config", "check"}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "serve.toml"


def check(file, *options):
    return entente("serve", "--config", file, "--check", *options, check=False)


def hang_up(node, words, times=1):
    node.process.send_signal(signal.SIGHUP)
    node.wait_for_log(words, times)


def test_every_setting_is_documented_and_no_other():
    section = CONFIGURATION.split("\n## Settings of serve\n")[1].split("\n## ")[0]
    named = set(re.findall(r"^\| `([a-z0-9-]+)` \|", section, re.M))
    assert named == settings_of_serve()


def test_the_file_knows_every_option_of_serve(file):
    """The list that the program gives for an unknown name is the list of its options."""
    file.write_text('frobnication = "x"\n')
    said = check(file, "--data", "/nowhere").stderr
    names = said.split("there are ")[1].strip().split(", ")
    assert set(names) == settings_of_serve()


def test_a_sound_file(file, node, tmp_path):
    file.write_text(f'data = "{node.directory}"\nlisten = "127.0.0.1:0"\nlog-level = "warning"\nlog-json = true\n')
    assert check(file).stdout == "the settings are sound\n"
    assert entente("serve", "--config", file, "--check", "--json").stdout == '{"sound":true}\n'
    assert not list(tmp_path.glob("tls")), "nothing is made"


@pytest.mark.parametrize(
    "text, code, words",
    [
        ('\ntls_cert = "x"', 3, ":2: there is no setting 'tls_cert'; did you mean 'tls-cert'?"),
        ("log-json = 1", 3, ":1: log-json takes true or false"),
        ('log-level = "loud"', 3, ":1: log-level: 'loud' is no log level; use debug, info, warning or error"),
        ('public-url = "http://a"', 3, ":1: public-url: it is not an https URL"),
        ('\n\nlisten = "a.example:80"', 3, ":3: listen: "),
        ('token = "ent_x"', 3, ":1: there is no setting 'token'; secrets do not stand in this file"),
        ('tls-cert = "no.pem"\ntls-key = "no.pem"', 2, "no.pem: No such file"),
        ('tls-cert = "no.pem"', 2, "--tls-cert and --tls-key belong together"),
        ('listen = "0.0.0.0:0"', 2, "give --tls-cert FILE --tls-key FILE"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(file, text, code, words):
    file.write_text(text + "\n")
    done = check(file, "--data", "/nowhere")
    assert done.returncode == code and words in done.stderr and done.stdout == "", done.stderr
    served = entente("serve", "--config", file, "--data", "/nowhere", check=False)
    assert served.returncode != 0 and served.stdout == ""


def test_no_file_and_no_directory(file):
    assert check(file, "--data", "/nowhere").returncode == 4
    file.write_text("")
    missing = check(file)
    assert missing.returncode == 2 and "--data is missing" in missing.stderr


def test_the_command_line_wins(file, node):
    file.write_text('listen = "127.0.0.1:0"\ntitle = "of the file"\ncontact = "file@example"\nlog-level = "loud"\n')
    node.serve("--config", file, "--title", "of the line", "--log-level", "info")
    said = node.get("/taxii2/", node.admin_token).json()
    assert said["title"] == "of the line" and said["contact"] == "file@example"


def test_hanging_up_takes_over_what_a_running_server_can(file, node):
    node.collection("C")
    file.write_text('title = "one"\nlog-level = "warning"\n')
    node.serve("--config", file)
    assert node.get("/taxii2/", node.admin_token).json()["title"] == "one"
    node.get("/taxii2/", "wrong")
    assert '"/taxii2/"' not in node.log() and "path=/taxii2/" not in node.log()

    file.write_text('title = "two"\npublic-url = "https://taxii.example/"\nlog-level = "info"\nworkers = 3\n')
    hang_up(node, "settings read again")
    said = node.get("/taxii2/", node.admin_token).json()
    assert said["title"] == "two" and said["api_roots"] == ["https://taxii.example/api/"]
    assert "this setting needs a restart setting=workers" in node.log()
    assert "changed=log-level, public-url, title" in node.log()
    node.get("/taxii2/", "wrong")
    node.wait_for_log("path=/taxii2/ status=401")

    file.write_text('title = "three"\nlog-level = "info"\ntypo = 1\n')
    hang_up(node, "nothing changed: the settings are not sound")
    assert f"{file}:3: there is no setting 'typo'" in node.log()
    assert node.get("/taxii2/", node.admin_token).json()["title"] == "two"

    file.write_text('title = "four"\ntls-cert = "no.pem"\ntls-key = "no.pem"\n')
    hang_up(node, "settings read again", 2)
    assert "this setting needs a restart setting=tls-cert" in node.log()
    assert node.get("/taxii2/", node.admin_token).json()["title"] == "four"
    assert node.stop() == 0


def test_hanging_up_reads_other_certificates(file, node, tmp_path):
    for name in ("one", "two"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-keyout", tmp_path / f"{name}.key", "-out", tmp_path / f"{name}.pem"],
            check=True, capture_output=True,
        )
    text = 'tls-cert = "{0}/{1}.pem"\ntls-key = "{0}/{1}.key"\n'
    file.write_text(text.format(tmp_path, "one"))
    url = node.serve("--config", file)

    def name():
        shown = subprocess.run(
            ["openssl", "s_client", "-connect", url.removeprefix("https://")], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False,
        )
        return re.search(r"subject=CN = (\w+)", shown.stdout).group(1)

    assert name() == "one"
    file.write_text(text.format(tmp_path, "two"))
    hang_up(node, "settings read again")
    assert name() == "two"
    file.write_text(text.format(tmp_path, "missing"))
    hang_up(node, "nothing changed")
    assert name() == "two"
