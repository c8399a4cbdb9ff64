package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport says which of our packages each of them may import. A name that
// ends in /... stands for the packages below, script and house excepted.
// docs/architecture.md draws it.
var mayImport = map[string][]string{
	"table":             {},
	"internal/near":     {},
	"internal/tree":     {"parser", "internal/near"},
	"internal/dec":      {},
	"internal/dyn":      {},
	"internal/fold":     {},
	"internal/wire":     {},
	"internal/huge":     {},
	"parser":            {"internal/near"},
	"storage":           {"table", "internal/..."},
	"ingest":            {"table", "internal/..."},
	"output":            {"table", "internal/..."},
	"engine/geo":        {"internal/dyn"},
	"engine/geoip":      {},
	"engine/vec":        {"table", "internal/dec", "internal/wire"},
	"engine/fn":         {"engine/agg/sketch", "engine/geo", "engine/geoip", "engine/vec", "table", "internal/..."},
	"engine/fn/gen":     {"engine/agg", "engine/fn", "engine/op"},
	"engine/agg/sketch": {"table", "internal/..."},
	"engine/agg":        {"engine/agg/sketch", "engine/fn", "engine/vec", "table", "internal/..."},
	"engine/spill":      {"internal/wire"},
	"engine/expr":       {"engine/fn", "engine/vec", "table", "internal/..."},
	"engine/op":         {"engine/agg", "engine/agg/sketch", "engine/expr", "engine/fn", "engine/geo", "engine/spill", "engine/vec", "parser", "table", "internal/..."},
	"engine":            {"engine/op", "engine/fn", "engine/geoip", "engine/spill", "engine/vec", "parser", "table"},
	"command":           {"engine", "engine/fn", "engine/op", "engine/vec", "parser", "storage", "table", "internal/..."},
	"":                  {"command", "engine", "engine/fn", "engine/geoip", "engine/op", "engine/vec", "ingest", "parser", "storage", "table", "window"},
	"window":            {"table"},
	"rule":              {"parser", "table", "window", "internal/..."},
	"notify":            {"rule", "internal/..."},
	"alert":             {"", "notify", "parser", "rule", "table", "window", "internal/..."},
	"service":           {"", "output", "parser", "table"},
	"repl":              {"", "command", "engine/agg", "engine/fn", "output", "parser", "service", "table", "internal/near"},
	"cmd/tidemark":      {"", "alert", "command", "engine/agg", "engine/fn", "engine/op", "ingest", "notify", "output", "parser", "repl", "rule", "service", "table", "internal/..."},
	"examples/data":     {"ingest"},
	"examples/data/gen": {},
	"examples/queries":  {},
	"examples/rules":    {},
	"examples/tour":     {"", "examples/data", "examples/queries", "output"},
	"examples/embed":    {""},
	"internal/script":   {"engine", "output", "parser", "table"},
	"internal/oracle":   {},
	"internal/house":    {},
}

// fences say in which packages alone a library may be used, so that it can be
// replaced by changing one of them.
var fences = map[string]string{
	"github.com/alecthomas/participle": "parser",
	"github.com/dgraph-io/badger":      "storage",
	"github.com/chzyer/readline":       "repl",
	"github.com/valyala/fastjson":      "internal/dyn",
	"github.com/cockroachdb/apd":       "internal/dec",
	"github.com/rivo/uniseg":           "output",
	"github.com/golang/geo":            "engine/geo",
	"github.com/wneessen/go-mail":      "notify",
	"go.yaml.in/yaml":                  "internal/tree",
	"github.com/oschwald/maxminddb":    "engine/geoip",
}

// pkg is what go list says of a package.
type pkg struct {
	ImportPath, Dir, Doc               string
	Imports, TestImports, XTestImports []string
}

// name is the import path within the module; "" is the root.
func (p *pkg) name() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "tidemark"), "/")
}

func packages(t *testing.T) []*pkg {
	t.Helper()
	out, err := command(t, "go", "list", "-json=ImportPath,Dir,Doc,Imports,TestImports,XTestImports", "./...")
	if err != nil {
		t.Fatal(err)
	}
	var all []*pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(pkg)
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// command runs a command in the root of the module.
func command(t *testing.T, name string, args ...string) ([]byte, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = root
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		err = errors.New(name + " " + strings.Join(args, " ") + ": " + err.Error() + "\n" + stderr.String())
	}
	return out, err
}

const root = "../.."

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		allowed, known := mayImport[p.name()]
		if !known {
			t.Errorf("package %q is not in mayImport: say what it may import", p.name())
			continue
		}
		for _, path := range p.Imports {
			ours, inside := strings.CutPrefix(path, "tidemark")
			if inside && !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, strings.TrimPrefix(ours, "/")) }) {
				t.Errorf("%s imports %s, which mayImport does not allow", p.ImportPath, path)
			}
			for library, where := range fences {
				if strings.HasPrefix(path, library) && p.name() != where {
					t.Errorf("%s imports %s, which only %s may", p.ImportPath, path, where)
				}
			}
			if strings.HasPrefix(path, "github.com/apache/arrow") && p.name() == "parser" {
				t.Errorf("the parser imports %s: a tree has no arrays", path)
			}
			if strings.HasPrefix(path, "github.com/apache/arrow") && strings.HasSuffix(path, "/compute") {
				t.Errorf("%s imports %s, which gives wrong answers for booleans and 19 MB of program", p.ImportPath, path)
			}
		}
	}
}

func covers(allowed, path string) bool {
	below, wide := strings.CutSuffix(allowed, "...")
	if !wide {
		return allowed == path
	}
	return strings.HasPrefix(path, below) && path != "internal/script" && path != "internal/house"
}

func TestPackageComments(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}
