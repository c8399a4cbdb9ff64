package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tidemark"
	"tidemark/alert"
	"tidemark/internal/tree"
	"tidemark/output"
	"tidemark/parser"
	"tidemark/rule"
	"tidemark/service"
	"tidemark/table"
)

// ruleFiles are the flags of commands that read rule files.
type ruleFiles struct {
	parameters string
}

func (r *ruleFiles) add(f *flags) {
	f.StringVar(&r.parameters, "parameters", "", "`FILE` with values for the parameters of Azure templates (default NAME.parameters.json beside NAME.json)")
}

// load reads rule files and checks them against the database. Errors and
// warnings go to standard error; with an error there is no set.
func (r *ruleFiles) load(ctx context.Context, e *env, db service.Database, paths, targets []string) (*rule.Set, error) {
	if len(paths) == 0 {
		return nil, usagef("name rule files or folders of them")
	}
	set, err := rule.Load(paths, r.parameters)
	if err != nil {
		return nil, fileError(err)
	}
	if err := set.Lint(checkRules(ctx, db), targets); err != nil {
		return nil, err
	}
	for _, f := range set.Files {
		printFileErrors(e.err, f)
	}
	if set.Fatal() {
		return nil, statusError(exitWrong)
	}
	return set, nil
}

// checkRules asks a database about the queries of rules.
func checkRules(ctx context.Context, db service.Database) rule.Check {
	return alert.CheckWith(func(query string) (*tidemark.Checked, error) {
		return db.Check(ctx, service.Question{Text: query}, false)
	})
}

// printFileErrors shows what is wrong with a file, each with the place.
func printFileErrors(w io.Writer, f *tree.File) {
	for _, err := range f.Errs {
		line, column := parser.LineColumn(f.Text, err.Span.Start)
		fmt.Fprintf(w, "%s:%d:%d: ", output.Clean(f.Name), line, column)
		printDiagnostics(w, f.Text, parser.Errors{err})
	}
}

var ruleLintCommand = &command{
	name:  "rule lint",
	usage: "PATH...",
	doc:   "Says what is wrong with alert rules.",
	more: `Rule files are YAML with the keys of Microsoft Sentinel and, for what Sentinel
lacks, a block tidemark:, or scheduledQueryRules as Azure exports them. Queries
are checked against the tables of the database. The exit status is 1 where a
rule is wrong.`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		l := &lint{}
		l.db.addDir(f)
		l.files.add(f)
		l.targets.add(f)
		f.StringVar(&l.format, "format", "text", "output `FORMAT`: text or json")
		return l.run
	},
}

type lint struct {
	db      database
	files   ruleFiles
	targets targetsFile
	format  string
}

// linted is what rule lint prints as JSON.
type linted struct {
	Valid bool         `json:"valid"`
	Rules int          `json:"rules"`
	Files []lintedFile `json:"files"`
}

type lintedFile struct {
	File        string       `json:"file"`
	Diagnostics []diagnostic `json:"diagnostics"`
}

func (l *lint) run(ctx context.Context, e *env, args []string) error {
	if l.format != "text" && l.format != "json" {
		return usagef("unknown format %q; rule lint prints text or json", l.format)
	}
	if len(args) == 0 {
		return usagef("name rule files or folders of them")
	}
	names, err := l.targets.names(e)
	if err != nil {
		return err
	}
	db, err := l.db.ask(e, tidemark.ReadOnly(), tidemark.Lazy())
	if err != nil {
		return err
	}
	defer db.Close()
	set, err := rule.Load(args, l.files.parameters)
	if err != nil {
		return fileError(err)
	}
	if err := set.Lint(checkRules(ctx, db), names); err != nil {
		return err
	}
	l.print(e, set)
	if set.Fatal() {
		return statusError(exitWrong)
	}
	return nil
}

func (l *lint) print(e *env, set *rule.Set) {
	if l.format == "json" {
		out := linted{Valid: !set.Fatal(), Rules: len(set.Rules), Files: []lintedFile{}}
		for _, f := range set.Files {
			out.Files = append(out.Files, lintedFile{f.Name, diagnostics(f.Text, f.Errs)})
		}
		printJSON(e.out, out)
		return
	}
	var wrong, warned int64
	for _, f := range set.Files {
		printFileErrors(e.err, f)
		for _, x := range f.Errs {
			if x.Severity == parser.SeverityError {
				wrong++
			} else {
				warned++
			}
		}
	}
	fmt.Fprintf(e.out, "%s in %s: %s, %s\n", output.Plural(int64(len(set.Rules)), "rule"), output.Plural(int64(len(set.Files)), "file"),
		output.Plural(wrong, "error"), output.Plural(warned, "warning"))
}

var ruleListCommand = &command{
	name:  "rule list",
	usage: "PATH...",
	doc:   "Lists alert rules.",
	setup: func(f *flags) func(context.Context, *env, []string) error {
		l := &ruleList{}
		l.files.add(f)
		l.display.add(f, "table")
		return l.run
	},
}

type ruleList struct {
	files   ruleFiles
	display display
}

func (l *ruleList) run(ctx context.Context, e *env, args []string) error {
	w, _, err := l.display.writer(e)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return usagef("name rule files or folders of them")
	}
	set, err := rule.Load(args, l.files.parameters)
	if err != nil {
		return fileError(err)
	}
	for _, f := range set.Files {
		printFileErrors(e.err, f)
	}
	cols := []table.Column{{Name: "Name", Type: table.String}, {Name: "Severity", Type: table.String}, {Name: "Kind", Type: table.String},
		{Name: "Frequency", Type: table.String}, {Name: "Period", Type: table.String}, {Name: "Condition", Type: table.String},
		{Name: "Grouping", Type: table.String}, {Name: "Actions", Type: table.String}, {Name: "Tests", Type: table.Long},
		{Name: "Enabled", Type: table.Bool}, {Name: "Id", Type: table.String}, {Name: "File", Type: table.String}}
	var rows [][]any
	for _, r := range set.Rules {
		rows = append(rows, []any{r.Name, r.Severity.Name(), string(r.Kind), rule.FormatDuration(r.Frequency), rule.FormatDuration(r.Period),
			r.Measure.String(), string(r.Grouping), strings.Join(r.Actions, ", "), int64(len(r.Tests)), r.Enabled, r.ID, r.Source.File.Name})
	}
	if _, err := output.Copy(ctx, w, output.Rows("Rules", cols, rows)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if set.Fatal() {
		return statusError(exitWrong)
	}
	return nil
}

var ruleConvertCommand = &command{
	name:  "rule convert",
	usage: "PATH...",
	doc:   "Prints alert rules of any kind as YAML.",
	more: `Reads Sentinel's YAML and resources and Azure's scheduledQueryRules; for Bicep,
run az bicep build first. Several rules become several documents.`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		files := &ruleFiles{}
		files.add(f)
		return func(_ context.Context, e *env, args []string) error {
			if len(args) == 0 {
				return usagef("name rule files or folders of them")
			}
			set, err := rule.Load(args, files.parameters)
			if err != nil {
				return fileError(err)
			}
			for _, f := range set.Files {
				printFileErrors(e.err, f)
			}
			if set.Fatal() {
				return statusError(exitWrong)
			}
			for i, r := range set.Rules {
				text, err := r.YAML()
				if err != nil {
					return err
				}
				if i > 0 {
					text = "---\n" + text
				}
				if _, err := io.WriteString(e.out, text); err != nil {
					return err
				}
			}
			return nil
		}
	},
}

var ruleTestCommand = &command{
	name:  "rule test",
	usage: "PATH...",
	doc:   "Runs the tests that rule files hold.",
	more: `A test is rows, a time, and the alerts that must come of them; see tests: in
docs/rules.md. The exit status is 1 where a rule is wrong or a test fails, so
that a pipeline can stop there.`,
	setup: func(f *flags) func(context.Context, *env, []string) error {
		files := &ruleFiles{}
		files.add(f)
		quiet := f.Bool("quiet", false, "print failures only")
		strict := f.Bool("require-tests", false, "a rule without a test is a failure")
		return func(ctx context.Context, e *env, args []string) error {
			return runRuleTests(ctx, e, files, args, *quiet, *strict)
		}
	},
}

func runRuleTests(ctx context.Context, e *env, files *ruleFiles, args []string, quiet, strict bool) error {
	// The tests' tables are those of an empty database.
	db, err := tidemark.Open("")
	if err != nil {
		return err
	}
	defer db.Close()
	set, err := files.load(ctx, e, service.Local(db), args, nil)
	if err != nil {
		return err
	}
	var ran, failed int64
	results := alert.RunTests(ctx, set.Rules)
	for _, r := range set.Rules {
		if len(r.Tests) == 0 {
			if strict {
				failed++
				fmt.Fprintf(e.out, "FAIL %s: it has no test\n", output.Clean(r.Subject()))
			} else if !quiet {
				fmt.Fprintf(e.out, "-    %s: no tests\n", output.Clean(r.Subject()))
			}
		}
		for _, t := range r.Tests {
			ran++
			wrong := results(t)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if len(wrong) > 0 {
				failed++
				line, _ := parser.LineColumn(r.Source.File.Text, t.Span().Start)
				fmt.Fprintf(e.out, "FAIL %s: %s (%s:%d)\n", output.Clean(r.Subject()), output.Clean(t.Name), output.Clean(r.Source.File.Name), line)
				for _, w := range wrong {
					fmt.Fprintf(e.out, "     %s\n", output.Clean(w))
				}
			} else if !quiet {
				fmt.Fprintf(e.out, "ok   %s: %s\n", output.Clean(r.Subject()), output.Clean(t.Name))
			}
		}
	}
	fmt.Fprintf(e.out, "%s of %s: %d failed\n", output.Plural(ran, "test"), output.Plural(int64(len(set.Rules)), "rule"), failed)
	if failed > 0 {
		return statusError(exitWrong)
	}
	return nil
}
