package command

import (
	"context"
	"strings"

	"tidemark/engine/op"
	"tidemark/parser"
	"tidemark/table"
)

const functionUsage = " [with (docstring=\"…\", folder=\"…\", view=true, skipvalidation=true)] F(parameter:type[=default], …) { body }"

func registerFunctions() {
	register(&Command{Head: ".show functions", Usage: ".show functions", Doc: "Lists the functions.", Example: ".show functions | project Name, Parameters", read: fixed(showFunctions)})
	register(&Command{Head: ".show function F", Usage: ".show function F", Doc: "Shows a function.", Example: ".show function ChangesOf",
		read: func(r *reader, n [][]name) action {
			r.properties("ShowObfuscatedStrings IncludeHiddenFunctions")
			return func(ctx context.Context, e *Env) (*answer, error) { return showFunctions(ctx, e, n[0]) }
		}})
	register(&Command{
		Head: ".create function", Usage: ".create function [ifnotexists]" + functionUsage, Writes: true,
		Doc:     "Keeps a function, for queries to use by its name.",
		Example: `.create function with (docstring="changes of one host") ChangesOf(host:string, since:timespan=7d) { ConfigurationChange | where Computer == host and TimeGenerated > ago(since) }`,
		read:    func(r *reader, _ [][]name) action { return readFunction(r, true, false) },
	})
	register(&Command{
		Head: ".create-or-alter function", Usage: ".create-or-alter function" + functionUsage, Writes: true,
		Doc: "Keeps a function in the place of one of that name.", Example: ".create-or-alter function Kilobytes(n:long) { n / 1024.0 }",
		read: func(r *reader, _ [][]name) action { return readFunction(r, true, true) },
	})
	register(&Command{
		Head: ".alter function", Usage: ".alter function" + functionUsage, Writes: true,
		Doc: "Changes a function that is there.", Example: ".alter function Kilobytes(n:long) { round(n / 1024.0, 1) }",
		read: func(r *reader, _ [][]name) action { return readFunction(r, false, true) },
	})
	register(&Command{Head: ".alter function F docstring", Usage: `.alter function F docstring "…"`, Writes: true, Doc: "Says what a function gives.",
		Example: `.alter function Kilobytes docstring "bytes in kilobytes"`, read: functionProperty(func(f *table.Function, s string) { f.Doc = s })})
	register(&Command{Head: ".alter function F folder", Usage: `.alter function F folder "…"`, Writes: true, Doc: "Puts a function into a folder, which tools show.",
		Example: `.alter function Kilobytes folder "units"`, read: functionProperty(func(f *table.Function, s string) { f.Folder = s })})
	register(&Command{Head: ".drop function F", Usage: ".drop function F [ifexists]", Writes: true, Doc: "Deletes a function.",
		Example: ".drop function Kilobytes", read: readDropFunctions})
	register(&Command{Head: ".drop functions (F)", Usage: ".drop functions (F, …) [ifexists]", Writes: true, Doc: "Deletes several functions.",
		Example: ".drop functions (Kilobytes, ChangesOf) ifexists", read: readDropFunctions})
}

func functionAnswer() *answer {
	return &answer{cols: text("Name", "Parameters", "Body", "Folder", "DocString")}
}

func (a *answer) function(f *table.Function) { a.add(f.Name, f.Params, f.Body, f.Folder, f.Doc) }

func showFunctions(_ context.Context, e *Env, names []name) (*answer, error) {
	a := functionAnswer()
	for _, n := range names {
		f, ok := e.Catalog.Function(n.text)
		if !ok {
			return nil, unknownFunction(n, e.Catalog.Functions())
		}
		a.function(f)
	}
	if len(names) > 0 {
		return a, nil
	}
	for _, n := range e.Catalog.Functions() {
		if f, ok := e.Catalog.Function(n); ok {
			a.function(f)
		}
	}
	return a, nil
}

func unknownFunction(n name, names []string) error {
	hint := ".show functions lists those that are kept"
	if op.IsFunction(n.text) {
		hint = "it is one of the language; .help " + n.text + " at the prompt explains it"
	}
	return wrong(n.at, "KS211", didYouMean(n.text, names, hint), "there is no function named %s", n.text)
}

// newFunction is a function as a command defines it.
type newFunction struct {
	name
	table.Function
	query     *parser.Query // let _=(…){…}, with the places of the command
	unchecked bool
}

// readFunction reads what follows .create function and the like. create and
// replace say what may be done.
func readFunction(r *reader, create, replace bool) action {
	lenient := create && !replace && r.accept("ifnotexists")
	props, err := r.properties("docstring folder view skipvalidation")
	if err != nil {
		return nil
	}
	f := &newFunction{}
	if f.name, err = r.name("the name of the function"); err != nil {
		return nil
	}
	f.Function.Name, f.Doc, f.Folder = f.name.text, props["docstring"].value, props["folder"].value
	if f.View, err = r.flag(props, "view"); err != nil {
		return nil
	}
	if f.unchecked, err = r.flag(props, "skipvalidation"); err != nil {
		return nil
	}
	if op.IsFunction(f.name.text) {
		r.fail(f.name.at, "TM034", "give it another name", "%s is a function of the language", f.name.text)
		return nil
	}
	if r.definition(f) != nil {
		return nil
	}
	return func(ctx context.Context, e *Env) (*answer, error) { return f.store(ctx, e, create, replace, lenient) }
}

// definition reads (parameters) { body }.
func (r *reader) definition(f *newFunction) error {
	begin := r.peek().start
	params, err := r.bracket("(", ")")
	if err != nil {
		return err
	}
	body, err := r.bracket("{", "}")
	if err != nil {
		return err
	}
	f.Params, f.Body = params, body
	const let = "let _="
	q, errs := parser.Parse(strings.Repeat(" ", begin-len(let)) + let + r.text[begin:r.pos])
	r.errs = append(r.errs, errs...)
	decl := op.FunctionIn(q)
	switch {
	case errs.Fatal():
		return errRead
	case decl == nil:
		return r.fail(parser.Span{Start: begin, End: r.pos}, "KS005", "", "this is not a function")
	case f.View && len(decl.Params) > 0:
		return r.fail(decl.Params[0].Span(), "TM034", "only functions without parameters can be views", "a view takes no parameters")
	}
	f.query = q
	return nil
}

// bracket reads a bracket and all in it, and returns its text.
func (r *reader) bracket(open, closing string) (string, error) {
	start := r.peek()
	if err := r.expect(open); err != nil {
		return "", err
	}
	for depth := 1; depth > 0; {
		switch t := r.peek(); {
		case t.kind == endKind:
			line, column := parser.LineColumn(r.text, start.start)
			return "", r.fail(t.span(), "KS001", "", "expected '%s' to close the '%s' of line %d, column %d", closing, open, line, column)
		case t.kind == openKind:
			return "", r.unexpected("")
		case t.kind == signKind && t.text == open:
			depth++
		case t.kind == signKind && t.text == closing:
			depth--
		}
		r.next()
	}
	return r.text[start.start:r.pos], nil
}

// store checks a function and keeps it.
func (f *newFunction) store(ctx context.Context, e *Env, create, replace, lenient bool) (*answer, error) {
	s, err := e.Write()
	if err != nil {
		return nil, err
	}
	before, there := e.Catalog.Function(f.name.text)
	switch {
	case there && lenient:
		return functionAnswer(), nil
	case there && !replace:
		return nil, wrong(f.name.at, "TM034", ".create-or-alter function puts another in its place", "the function %s exists already", f.name.text)
	case !there && !create:
		return nil, unknownFunction(f.name, e.Catalog.Functions())
	}
	a := functionAnswer()
	if !f.unchecked {
		if a.warnings, err = f.check(e); err != nil {
			return nil, err
		}
	}
	kept := &table.Function{Name: f.name.text, Params: f.Params, Body: f.Body, Folder: f.Folder, Doc: f.Doc, View: f.View}
	err = e.Library.changeFunctions(ctx, s, func(all map[string]*table.Function) error {
		if now := all[kept.Name]; now != before && (now == nil || before == nil) && !replace {
			return wrong(f.name.at, "TM034", "", "the function %s exists already", kept.Name)
		}
		all[kept.Name] = kept
		return nil
	})
	if err != nil {
		return nil, err
	}
	a.function(kept)
	return a, nil
}

// check binds the function. What is wrong comes back as the error, at its
// place in the command.
func (f *newFunction) check(e *Env) (warnings parser.Errors, err error) {
	err = op.Guard(func() error {
		warnings = op.CheckFunction(f.query, f.name.text, e.Catalog, e.Functions)
		return nil
	})
	if err != nil || !warnings.Fatal() {
		return warnings, err
	}
	for _, w := range warnings {
		if w.Hint == "" {
			w.Hint = "with (skipvalidation=true) keeps the function all the same"
		}
	}
	return nil, warnings
}

func functionProperty(set func(*table.Function, string)) func(*reader, [][]name) action {
	return func(r *reader, names [][]name) action {
		value, _, err := r.string()
		if err != nil {
			return nil
		}
		return func(ctx context.Context, e *Env) (*answer, error) {
			n := names[0][0]
			if _, ok := e.Catalog.Function(n.text); !ok {
				return nil, unknownFunction(n, e.Catalog.Functions())
			}
			s, err := e.Write()
			if err != nil {
				return nil, err
			}
			err = e.Library.changeFunctions(ctx, s, func(all map[string]*table.Function) error {
				was, ok := all[n.text]
				if !ok {
					return unknownFunction(n, nil)
				}
				f := &table.Function{Name: was.Name, Params: was.Params, Body: was.Body, Folder: was.Folder, Doc: was.Doc, View: was.View}
				set(f, value)
				all[n.text] = f
				return nil
			})
			if err != nil {
				return nil, err
			}
			return showFunctions(ctx, e, []name{n})
		}
	}
}

func readDropFunctions(r *reader, names [][]name) action {
	lenient := r.accept("ifexists")
	return func(ctx context.Context, e *Env) (*answer, error) {
		s, err := e.Read()
		if err != nil {
			return nil, err
		}
		gone := &answer{cols: text("Name")}
		for _, n := range names[0] {
			if _, ok := e.Catalog.Function(n.text); !ok && !lenient {
				return nil, unknownFunction(n, e.Catalog.Functions())
			} else if ok {
				gone.add(n.text)
			}
		}
		if len(gone.rows) > 0 {
			err = e.Library.changeFunctions(ctx, s, func(all map[string]*table.Function) error {
				for _, n := range names[0] {
					delete(all, n.text)
				}
				return nil
			})
		}
		if err != nil {
			return nil, err
		}
		if len(names[0]) > 1 { // Kusto then lists those that are left
			return showFunctions(ctx, e, nil)
		}
		return gone, nil
	}
}
