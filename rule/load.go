package rule

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tidemark/internal/near"
	"tidemark/internal/tree"
	"tidemark/parser"
	"tidemark/table"
)

// Set is the rules of several files.
type Set struct {
	Rules []*Rule
	Files []*tree.File // all that were read, with what is wrong with them
}

// maxFile is how large a rule file may be.
const maxFile = 4 << 20

// Load reads rule files: YAML, or JSON as Azure exports it. Folders are
// searched for *.yaml, *.yml and *.json. parameters is the path of a file with
// values for the parameters of templates; without one, NAME.parameters.json
// beside NAME.json is taken. Errors in files are in their Errs; the error is
// of the file system.
func Load(paths []string, parameters string) (*Set, error) {
	set := &Set{}
	for _, p := range paths {
		files, err := ruleFiles(p)
		if err != nil {
			return nil, err
		}
		for _, path := range files {
			if err := set.add(path, parameters); err != nil {
				return nil, err
			}
		}
	}
	set.findDoubles()
	return set, nil
}

func (s *Set) add(path, parameters string) error {
	file, err := readFile(path)
	if err != nil {
		return err
	}
	var o Options
	if base, ok := strings.CutSuffix(path, ".json"); ok && parameters == "" {
		if _, err := os.Stat(base + ".parameters.json"); err == nil {
			parameters = base + ".parameters.json"
		}
	}
	if parameters != "" && strings.HasSuffix(path, ".json") {
		if o.Parameters, err = readFile(parameters); err != nil {
			return err
		}
	}
	s.Files = append(s.Files, file)
	s.Rules = append(s.Rules, Read(file, o)...)
	if o.Parameters != nil && o.Parameters.Errs.Fatal() {
		s.Files = append(s.Files, o.Parameters)
	}
	return nil
}

func readFile(path string) (*tree.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s has %d bytes; a rule file has %d at most", path, info.Size(), maxFile)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return &tree.File{Name: path, Text: string(b)}, nil
}

// ruleFiles lists the rule files of a path, sorted.
func ruleFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var out []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(name, ".") && p != path || name == "testdata"):
			return fs.SkipDir
		case d.IsDir() || strings.HasSuffix(name, ".parameters.json"):
		case slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(name))):
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// findDoubles reports rules of the same identifier: their states would mix.
func (s *Set) findDoubles() {
	first := map[string]*Rule{}
	for _, r := range s.Rules {
		if f := first[strings.ToLower(r.ID)]; f != nil {
			r.at("id").Fail("", "this rule has the id of the rule %q in %s, line %d", f.Subject(), f.Source.File.Name, f.Source.Line)
			continue
		}
		first[strings.ToLower(r.ID)] = r
	}
}

// Lint checks all rules; targets, where not nil, are those that their actions
// may name.
func (s *Set) Lint(check Check, targets []string) error {
	for _, r := range s.Rules {
		if err := r.Lint(check); err != nil {
			return err
		}
		for _, a := range r.Actions {
			if targets != nil && !slices.Contains(targets, a) {
				hint := ""
				if c := near.Closest(a, targets); c != "" {
					hint = "did you mean " + c + "?"
				}
				r.at("tidemark", "actions").Fail(hint, "there is no target %q", a)
			}
		}
	}
	for _, f := range s.Files {
		slices.SortStableFunc(f.Errs, func(a, b *parser.Error) int { return a.Span.Start - b.Span.Start })
	}
	return nil
}

// Fatal reports whether any file has an error.
func (s *Set) Fatal() bool {
	return slices.ContainsFunc(s.Files, func(f *tree.File) bool { return f.Errs.Fatal() })
}

// closestColumn is a hint for a column that is not there.
func closestColumn(name string, cols []table.Column) string {
	var names []string
	for _, c := range cols {
		names = append(names, c.Name)
		if strings.EqualFold(c.Name, name) {
			return "did you mean " + c.Name + "?"
		}
	}
	if c := near.Closest(name, names); c != "" {
		return "did you mean " + c + "?"
	}
	return ""
}
