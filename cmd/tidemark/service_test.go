package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"tidemark/internal/tree"
)

// docs/service.md has every key of the configuration with its sentence, and its
// example is one that can be read.
func TestServiceDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/service.md")
	if err != nil {
		t.Fatal(err)
	}
	top, below, ok := strings.Cut(string(b), "Of a source:")
	if !ok {
		t.Fatal("docs/service.md does not tell of the keys of a source")
	}
	check := func(text string, fields []tree.Field) {
		for _, f := range fields {
			if row := "| `" + f.Name + "` | " + f.Doc; !strings.Contains(text, strings.TrimSuffix(row, ".")) {
				t.Errorf("docs/service.md lacks %s", row)
			}
		}
	}
	check(top, (&config{}).fields())
	check(below, (&source{}).fields())

	_, example, _ := strings.Cut(top, "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	path := t.TempDir() + "/tidemark.yaml"
	if err := os.WriteFile(path, []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	c, err := readConfig(&env{err: &said}, path)
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	if len(c.sources) != 3 || c.sources[1].options.Format != "wazuh" || c.rejects == "" || len(c.rules) != 1 {
		t.Errorf("read: %+v", c)
	}
}

// docs/formats.md names every option of ingest.
func TestIngestDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	f := newFlags("ingest")
	ingestCommand.setup(f)
	f.VisitAll(func(x *flag.Flag) {
		if x.Name != "db" && !strings.Contains(string(b), "`--"+x.Name) {
			t.Errorf("docs/formats.md does not tell of --%s", x.Name)
		}
	})
}
