"""docs/new-partner.md: every command of the page is run, in its order, against a stand-in of the partner; what the page says they print,
they print; and the files are those of the page."""
import json
import re
import shlex
import subprocess

from replay import Partners
from weir import ROOT

PARTNER = "https://api.acme.example"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "docs/new-partner.md").read_text(), re.S)


def folded(text):
    return " ".join(text.split())


class Reader:
    """Somebody who does what the page says."""

    def __init__(self, weir, partners):
        self.weir, self.partners, self.told, self.commands = weir, partners, "", 0

    def there(self, text):
        return text.replace(PARTNER, self.partners.url).replace("http://localhost:8080", self.weir.url)

    def run(self, line):
        self.commands += 1
        words = shlex.split(self.there(line))
        if words[0] == "export":
            self.weir.environment.update([words[1].split("=")])
        elif line == "weir run":
            self.weir.start()
        elif words[0] == "curl":
            self.told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        else:
            assert words[0] == "weir"
            self.told = self.weir.command(*words[1:])

    def expect(self, lines):
        for line in lines.splitlines():
            assert folded(self.there(line)) in folded(self.told), (line, self.told)


def test_a_reader_who_follows_the_page_gets_what_it_says(make_weir, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    partners = Partners(tmp_path)
    answer = [text for kind, text in BLOCKS if kind == "json"]
    partners.serve("/v1/jobs", "application/json", answer[0].encode())
    reader = Reader(make_weir(settings=f"sources: {tmp_path / 'sources'}\nallow_private_hosts: true\n", sandbox="\n"), partners)
    try:
        for kind, text in BLOCKS:
            if kind == "sh":
                for line in text.splitlines():
                    reader.run(line)
            elif kind == "text":
                reader.expect(text)
            elif kind == "yaml":
                assert "k-4711" not in (tmp_path / "sources/acme.yaml").read_text()
                (tmp_path / "sources/acme.yaml").write_text(reader.there(text))
        assert reader.commands >= 9 and len(answer) == 1
        [golden] = (tmp_path / "tests/sources/acme/exemplary").iterdir()
        assert len(json.loads(golden.read_text())["listings"]) == 2 and "k-4711" not in golden.read_text()
        assert "anna@ward" not in golden.read_text()
    finally:
        partners.close()
