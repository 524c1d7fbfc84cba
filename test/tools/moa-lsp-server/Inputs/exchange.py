"""Talks to a language server as an editor does. usage: exchange.py SERVER FILE

Opens FILE, asks for what an editor shows, and prints the answers:
  diagnostic LINE: MESSAGE
  hover WORD: TEXT            for each `// hover: WORD` in FILE
  definition WORD: LINE       for each `// definition: WORD`
Lines count from 1; a WORD is looked for outside comments."""

import json
import pathlib
import subprocess
import sys


class Server:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.number = 0

    def send(self, **message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def receive(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            name, value = line.split(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            sys.exit("the server closed the connection")
        return json.loads(self.process.stdout.read(length))

    def ask(self, method, **params):
        self.number += 1
        self.send(id=self.number, method=method, params=params)
        while (answer := self.receive()).get("id") != self.number:
            pass
        if "error" in answer:
            sys.exit(f"{method}: {answer['error']}")
        return answer["result"]

    def tell(self, method, **params):
        self.send(method=method, params=params)


def find(text, word):
    for number, line in enumerate(text.splitlines()):
        code = line.split("//")[0]
        if word in code:
            return {"line": number, "character": code.index(word) + 1}
    sys.exit(f"no '{word}' in the file")


def main():
    command, path = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    text = path.read_text(encoding="utf-8")
    server = Server([command])
    server.ask("initialize", processId=None, rootUri=None,
               capabilities={}, trace="off")
    server.tell("initialized")
    document = {"uri": path.as_uri()}
    server.tell("textDocument/didOpen", textDocument={
        **document, "languageId": "mlir", "version": 1, "text": text})
    while (message := server.receive()).get("method") != "textDocument/publishDiagnostics":
        pass
    for diagnostic in message["params"]["diagnostics"]:
        line = diagnostic["range"]["start"]["line"] + 1
        print(f"diagnostic {line}: {diagnostic['message']}")

    for line in text.splitlines():
        kind, _, word = line.strip().removeprefix("// ").partition(": ")
        if kind == "hover":
            result = server.ask("textDocument/hover", textDocument=document,
                                position=find(text, word))
            print(f"hover {word}: {result['contents']['value']}")
        elif kind == "definition":
            result = server.ask("textDocument/definition", textDocument=document,
                                position=find(text, word))
            print(f"definition {word}:",
                  *(place["range"]["start"]["line"] + 1 for place in result))
    server.ask("shutdown")
    server.tell("exit")
    server.process.stdin.close()
    print("exit", server.process.wait(timeout=20))


main()
