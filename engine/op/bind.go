package op

import (
	"fmt"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/internal/near"
	"tidemark/parser"
	"tidemark/table"
)

// Binder turns a tree into a plan: it resolves names, chooses overloads, checks
// types, and collects everything that is wrong.
type Binder struct {
	catalog  table.Catalog
	env      *fn.Env
	text     string
	params   map[string]Param // values of declared query parameters
	errs     parser.Errors
	scope    *scope
	deferred []*Deferred
	warned   map[string]bool // columns of ours that have been warned about
	depth    int
	early    *early               // what may be run while binding; nil for none
	also     []Result             // further results of the statement being bound
	last     *parser.Evaluate     // where it is the last operator of the statement
	options  map[string]expr.Expr // what set gave a value
	library  *library             // the functions of the database; nil where there are none
	contexts []subContext         // the subqueries around that have an id
	calls    []string             // the functions of the database that are being bound
}

// Param is a value given for a query parameter: nil, bool, int64, float64 or
// string by the layout of Type.
type Param struct {
	Type  table.Type
	Value any
}

// Plan is a bound query.
type Plan struct {
	Results  []Result
	Deferred []*Deferred // to be run first, in order
	Columns  []table.Column
	kept     []*sharedRows // rows of parts that ran while the rest was bound
}

// Result is one result of a query. Name is the one that the query gives it, or
// empty.
type Result struct {
	Name   string
	Node   Node
	Render *parser.Render
}

// Deferred is a part of a query that runs before the rest: the input of a
// toscalar() or of an in (…).
type Deferred struct {
	Node Node
	Set  func(*rowsOf) error
}

// rowsOf are the rows of a deferred part.
type rowsOf struct {
	node Node
	rows *rows
}

// scope is what names stand for besides columns; inner scopes see outer ones.
type scope struct {
	outer   *scope
	names   map[string]entity
	library *library // in the outermost scope: the functions of the database
	access  *access  // what of the scopes around may be seen; nil for all
}

// entity is what a let, a parameter or an as gives a name to: one of its
// fields is set.
type entity struct {
	scalar expr.Expr
	node   Node
	fun    *function
	broken bool // its definition had an error, which has been reported
	// pattern is what declare pattern defines.
	pattern *declaredPattern
	// group is an entity group; database tells the name of one of its entities.
	group    []parser.Expr
	database bool
}

// function is a function of the user's, with the scope it was defined in.
type function struct {
	decl   *parser.Function
	scope  *scope
	stored *storedFunction // nil where the query itself defines it
}

func (s *scope) find(name string) (entity, bool) {
	var limits []*access
	for ; s != nil; s = s.outer {
		e, ok := s.names[name]
		if !ok && s.library != nil {
			e, ok = s.library.find(name)
		}
		if ok {
			hidden := slices.ContainsFunc(limits, func(a *access) bool { return a.hides(name, e, s.library != nil) })
			return e, !hidden
		}
		if s.access != nil {
			limits = append(limits, s.access)
		}
	}
	return entity{}, false
}

func (s *scope) all() []string {
	var out []string
	top := s
	for ; s != nil; s = s.outer {
		for name := range s.names {
			out = append(out, name)
		}
		if s.library != nil {
			out = append(out, s.library.catalog.Functions()...)
		}
	}
	return slices.DeleteFunc(out, func(name string) bool {
		_, ok := top.find(name)
		return !ok
	})
}

func (b *Binder) define(name string, e entity) { b.scope.names[name] = e }

// within runs f with an inner scope of outer.
func (b *Binder) within(outer *scope, f func()) {
	was := b.scope
	b.scope = &scope{outer: outer, names: map[string]entity{}}
	f()
	b.scope = was
}

// Bind turns a parsed query into a plan. The plan may be used where the errors
// returned are none, or warnings alone.
func Bind(q *parser.Query, catalog table.Catalog, env *fn.Env, params map[string]Param) (*Plan, parser.Errors) {
	return newBinder(q, catalog, env, params).bind(q)
}

func newBinder(q *parser.Query, catalog table.Catalog, env *fn.Env, params map[string]Param) *Binder {
	b := &Binder{catalog: catalog, env: env, text: q.Text, params: params, library: newLibrary(catalog)}
	b.scope = &scope{outer: b.library.scope(), names: map[string]entity{}}
	return b
}

func (b *Binder) bind(q *parser.Query) (*Plan, parser.Errors) {
	plan := &Plan{}
	for _, s := range q.Statements {
		if r, ok := b.statement(s); ok {
			plan.Results = append(append(plan.Results, r), b.also...)
		}
		b.also = nil
	}
	plan.Deferred = b.deferred
	if n := len(plan.Results); n > 0 && plan.Results[n-1].Node != nil {
		plan.Columns = plan.Results[n-1].Node.Columns()
	}
	return plan, b.errs
}

// fail records an error.
func (b *Binder) fail(at parser.Span, code, hint, format string, args ...any) {
	b.errs = append(b.errs, &parser.Error{Span: at, Code: code, Hint: hint, Msg: fmt.Sprintf(format, args...)})
}

// warn records a warning.
func (b *Binder) warn(at parser.Span, code, hint, format string, args ...any) {
	b.errs = append(b.errs, &parser.Error{Span: at, Severity: parser.SeverityWarning, Code: code, Hint: hint, Msg: fmt.Sprintf(format, args...)})
}

// didYouMean is a hint that names the closest candidate, or fallback.
func didYouMean(name string, candidates []string, fallback string) string {
	if c := near.Closest(name, candidates); c != "" {
		return fmt.Sprintf("did you mean %s?", c)
	}
	return fallback
}

// statement binds one statement. Those that make rows give a result.
func (b *Binder) statement(s parser.Statement) (Result, bool) {
	switch s := s.(type) {
	case *parser.Let:
		b.let(s)
	case *parser.Declare:
		b.declare(s)
	case *parser.Set:
		b.setOption(s)
	case *parser.Restrict:
		b.restrict(s)
	case *parser.Alias:
		b.alias(s)
	case *parser.PatternDecl:
		b.declarePattern(s)
	case *parser.ExprStatement:
		return b.result(s.X)
	case *parser.Command:
		b.fail(s.Span(), "TM001", "type it at the prompt, or use the commands of the same name: tidemark help", "%s is a management command, not a query", firstWords(s.Text))
	}
	return Result{}, false
}

func firstWords(s string) string {
	for i, c := range s {
		if c == '\n' || i > 40 {
			return s[:i] + "…"
		}
	}
	return s
}

// result binds a query and drops its hidden columns.
func (b *Binder) result(x parser.Expr) (Result, bool) {
	if !b.isTabular(x) {
		if n, ok := x.(*parser.Name); ok {
			if _, found := b.scope.find(n.Name); !found {
				b.fail(n.Span(), "KS142", didYouMean(n.Name, append(b.scope.all(), b.tables()...), b.tableHint()), "there is no table, view or variable named %s", n.Name)
				return Result{}, false
			}
		}
		e := b.scalar(x, &rowScope{})
		if e.Type() != table.Unknown {
			b.fail(x.Span(), "KS109", "put print before it to see its value", "a query gives a table, and this is a single value of type %s", e.Type())
		}
		return Result{}, false
	}
	if all, ok := b.forks(x); ok {
		if len(all) == 0 {
			return Result{}, false
		}
		b.also = append(b.also, all[1:]...)
		return all[0], true
	}
	b.last = lastEvaluate(x)
	n := b.tabular(x)
	if n == nil || b.graphResult(n, x.Span()) {
		return Result{}, false
	}
	r := Result{Node: b.limited(closed(visible(n)), x.Span())}
	if r.Node == nil {
		return Result{}, false
	}
	if p, ok := x.(*parser.Pipeline); ok && len(p.Ops) > 0 {
		r.Render, _ = p.Ops[len(p.Ops)-1].(*parser.Render)
	}
	return r, true
}

// visible drops the hidden columns of a node.
func visible(n Node) Node {
	cols := n.Columns()
	need := make([]bool, len(cols))
	for i, c := range cols {
		need[i] = !c.Hidden || c.Name == openColumn
	}
	return narrow(n, need)
}

// closed drops the mark of a node whose columns are not all known.
func closed(n Node) Node {
	cols := n.Columns()
	need := make([]bool, len(cols))
	for i, c := range cols {
		need[i] = c.Name != openColumn
	}
	return narrow(n, need)
}

func (b *Binder) let(s *parser.Let) {
	name := s.Name.Name
	if _, dup := b.scope.names[name]; dup {
		b.fail(s.Name.Span(), "KS201", "give it another name", "the name %s is already defined", name)
	}
	if f, ok := s.X.(*parser.Function); ok {
		b.define(name, entity{fun: &function{decl: f, scope: b.scope}})
		b.scope = &scope{outer: b.scope, names: map[string]entity{}} // what comes after is not seen inside it
		return
	}
	if g, ok := s.X.(*parser.EntityGroup); ok {
		b.define(name, entity{group: g.Entities})
		return
	}
	before := len(b.errs)
	if b.isTabular(s.X) {
		n := b.tabular(s.X)
		b.define(name, entity{node: n, broken: n == nil})
		return
	}
	e := b.scalar(s.X, &rowScope{})
	b.define(name, entity{scalar: e, broken: len(b.errs) > before && e.Type() == table.Unknown})
}

// declare binds declare query_parameters.
func (b *Binder) declare(s *parser.Declare) {
	for _, p := range s.Params {
		t, ok := table.TypeNamed(p.Type)
		if !ok {
			b.fail(p.Span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", p.Type)
			continue
		}
		name := p.Name.Name
		if v, ok := b.params[name]; ok {
			b.define(name, entity{scalar: b.convert(expr.NewConst(v.Type, v.Value), t)})
			continue
		}
		if p.Default == nil {
			b.fail(p.Span(), "TM003", "give it a value, as in --param "+name+"=…, or a default here", "the query parameter %s has no value", name)
			b.define(name, entity{scalar: unknown(), broken: true})
			continue
		}
		b.define(name, entity{scalar: b.convert(b.scalar(p.Default, &rowScope{}), t)})
	}
}

// unknown is the stand-in for an expression that is wrong.
func unknown() expr.Expr { return expr.NewConst(table.Unknown, "") }
