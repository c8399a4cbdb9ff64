package op

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/parser"
	"tidemark/table"
)

// library is the functions of the database, as one query sees them. They see
// each other and the tables, and nothing that the query defines.
type library struct {
	catalog table.FunctionCatalog
	outside *scope
	found   map[string]entity
}

// newLibrary is nil where the catalog has no functions.
func newLibrary(c table.Catalog) *library {
	functions, ok := c.(table.FunctionCatalog)
	if !ok {
		return nil
	}
	l := &library{catalog: functions, found: map[string]entity{}}
	l.outside = &scope{library: l}
	return l
}

// scope is what the names of the library are found in; nil for none.
func (l *library) scope() *scope {
	if l == nil {
		return nil
	}
	return l.outside
}

// storedFunction is a function of the database as one query uses it.
type storedFunction struct {
	name, params string
	text         string // what its tree's places are places in
	body         int    // where in it the body begins
	looking      bool   // somebody is finding out whether it gives a table
}

// parsedFunction is what is kept with a table.Function.
type parsedFunction struct {
	text string
	decl *parser.Function
}

func (l *library) find(name string) (entity, bool) {
	if e, ok := l.found[name]; ok {
		return e, e.fun != nil
	}
	e := entity{}
	// The language's own names need no look into the database, which a query
	// that reads nothing of it must not open.
	if !IsFunction(name) {
		if f, ok := l.catalog.Function(name); ok {
			e.fun = l.function(f)
		}
	}
	l.found[name] = e
	return e, e.fun != nil
}

func (l *library) function(f *table.Function) *function {
	p := f.Parsed(func() any {
		text := "let _=" + f.Params + f.Body
		q, _ := parser.Parse(text)
		return &parsedFunction{text, FunctionIn(q)}
	}).(*parsedFunction)
	decl := p.decl
	if decl == nil { // written by a version that knew more of the language
		decl = &parser.Function{Body: &parser.Query{}}
	}
	body := len(p.text) - len(f.Body)
	return &function{decl: decl, scope: l.outside, stored: &storedFunction{name: f.Name, params: f.Params, text: p.text, body: body}}
}

// FunctionIn is the function that a text of the form let f = (…) {…} defines.
func FunctionIn(q *parser.Query) *parser.Function {
	if len(q.Statements) != 1 {
		return nil
	}
	let, ok := q.Statements[0].(*parser.Let)
	if !ok {
		return nil
	}
	f, _ := let.X.(*parser.Function)
	return f
}

// IsFunction reports whether the language has a function of that name, so
// that a stored one cannot have it.
func IsFunction(name string) bool {
	if special[name] != nil || slices.Contains(tabularFunctions, name) {
		return true
	}
	if _, ok := fn.Lookup(name); ok {
		return true
	}
	_, ok := agg.Lookup(name)
	return ok
}

// tabularFunctions are the functions that give tables.
var tabularFunctions = []string{"materialize", "view", "table", "database", "cluster", "workspace", "app", "resource"}

// look reports whether it can be found out what the function gives: not while
// that is being done. Functions of the query cannot call themselves.
func (f *storedFunction) look() bool {
	if f == nil {
		return true
	}
	if f.looking {
		return false
	}
	f.looking = true
	return true
}

func (f *storedFunction) looked() {
	if f != nil {
		f.looking = false
	}
}

// usage says how a function of the database is called.
func (f *function) usage() string {
	if f.stored == nil {
		return ""
	}
	return "usage: " + f.stored.name + f.stored.params
}

// call shows how a function is called.
func (f *function) call(name string) string {
	var names []string
	for _, p := range f.decl.Params {
		names = append(names, p.Name.Name)
	}
	return name + "(" + strings.Join(names, ", ") + ")"
}

func (b *Binder) isStored(name string) bool {
	e, ok := b.scope.find(name)
	return ok && e.fun != nil && e.fun.stored != nil
}

// enter begins with the body of a function of the database; leave ends it.
func (b *Binder) enter(f *storedFunction, at parser.Span) (leave func(), ok bool) {
	if slices.Contains(b.calls, f.name) {
		hint := ""
		if chain := append(slices.Clone(b.calls), f.name); len(chain) > 2 {
			hint = "the calls are " + strings.Join(chain, " → ")
		}
		b.fail(at, "TM030", hint, "the function %s calls itself", f.name)
		return nil, false
	}
	b.calls = append(b.calls, f.name)
	before, text := len(b.errs), b.text
	b.text = f.text
	return func() {
		b.calls = b.calls[:len(b.calls)-1]
		b.text = text
		b.blame(f, before, at)
	}, true
}

// blame turns what was found wrong in a function of the database, whose text
// the user does not see, into errors at the call. Warnings were given when the
// function was made.
func (b *Binder) blame(f *storedFunction, from int, at parser.Span) {
	kept := b.errs[:from]
	for _, e := range b.errs[from:] {
		if e.Severity == parser.SeverityWarning {
			continue
		}
		c := *e
		where := ""
		if start := e.Span.Start; start >= f.body && strings.Contains(f.text[f.body:], "\n") {
			line, _ := parser.LineColumn(f.text[f.body:], start-f.body)
			where = fmt.Sprintf(", line %d", line)
		}
		c.Msg = fmt.Sprintf("in the function %s%s: %s", f.name, where, e.Msg)
		c.Span = at
		kept = append(kept, &c)
	}
	b.errs = kept
}

// viewsLike are the views of the database whose names fit a pattern.
func (b *Binder) viewsLike(pattern string) []source {
	if b.library == nil {
		return nil
	}
	var out []source
	for _, name := range b.library.catalog.Functions() {
		f, ok := b.library.catalog.Function(name)
		if !ok || !f.View || !glob(pattern, name) || slices.Contains(b.calls, name) {
			continue
		}
		if e, ok := b.library.find(name); ok && len(e.fun.decl.Params) == 0 {
			if n := b.invokeTabular(e.fun, nil, nil, parser.Span{}); n != nil {
				out = append(out, source{name, n})
			}
		}
	}
	return out
}

// CheckFunction binds a function that is to be stored under a name. q is a
// text of the form let f = (…) {…}; the errors' places are places in it.
func CheckFunction(q *parser.Query, name string, catalog table.Catalog, env *fn.Env) parser.Errors {
	b := newBinder(q, catalog, env, nil)
	f := &function{decl: FunctionIn(q), scope: b.scope, stored: &storedFunction{name: name, text: q.Text}}
	if b.library != nil { // a call of itself is one of what it will be
		b.library.found[name] = entity{fun: f}
		f.scope = b.library.outside
	}
	b.calls = []string{name}
	names := map[string]entity{}
	sure := true
	for _, p := range f.decl.Params {
		e, ok := b.standIn(p)
		if !ok {
			return b.errs
		}
		names[p.Name.Name] = e
		sure = sure && p.Default != nil
	}
	tabular := b.isTabularFunction(f)
	b.inside(f, names, f.decl.Span(), func(last parser.Expr) {
		if tabular {
			b.tabular(last)
		} else {
			b.scalar(last, &rowScope{})
		}
	})
	if !sure { // warnings may be about the stand-ins
		return slices.DeleteFunc(b.errs, func(e *parser.Error) bool { return e.Severity == parser.SeverityWarning })
	}
	return b.errs
}

// standIns are values that most functions can be bound with.
var standIns = map[table.Type]any{
	table.Bool: true, table.Int: int64(1), table.Long: int64(1), table.Real: 1.0, table.Decimal: "1", table.String: "",
	table.Timespan: int64(24 * 3600 * table.Second), table.Dynamic: "[]",
}

// standIn stands for an argument while a function is checked.
func (b *Binder) standIn(p *parser.Param) (entity, bool) {
	switch {
	case p.AnyColumns:
		return entity{node: opened(p.Name.Name, nil)}, true
	case p.Type == "":
		cols, ok := b.columnDecls(p.Columns)
		return entity{node: &rows{what: p.Name.Name, cols: cols}}, ok
	case p.Default != nil:
		return b.argument(p, nil, &rowScope{}, p.Span())
	}
	t, ok := table.TypeNamed(p.Type)
	if !ok {
		b.fail(p.Span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", p.Type)
		return entity{}, false
	}
	if t == table.Datetime {
		return entity{scalar: expr.NewConst(t, int64(b.env.Now))}, true
	}
	return entity{scalar: expr.NewConst(t, standIns[t])}, true
}
