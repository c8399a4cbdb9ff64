// Package agg is the catalogue of aggregations. Each is one entry: name,
// sentence of documentation, examples, overloads, and a constructor of its
// state. A state holds all groups at once, so that adding a batch is a loop
// over columns; states merge, so that workers can aggregate apart.
package agg

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
	"tidemark/table"
)

// Func describes one aggregation.
type Func struct {
	Name    string
	Aliases []string
	Doc     string
	Page    string // documentation page where it is not Name with hyphens plus "-aggregation-function"
	// Prefix is what the result column is named with: Prefix_column, as dcount_a.
	// Empty means the name of the argument's column alone.
	Prefix   string
	Examples []fn.Example
	// Slow says, in a sentence, when and why a row takes more than a microsecond;
	// "" where it does not.
	Slow string
	// Overloads are chosen among as those of scalar functions are.
	Overloads []Overload
	// Outputs, where set, names and types the result columns of aggregations
	// that have several or name them in their own way. A column named "" is
	// named by its position.
	Outputs func(o Overload, args []Arg) []table.Column
	// Check, where set, looks at the constant arguments of a call.
	Check func(args []Arg) error
	// If is the name of the variant that takes a predicate after the required
	// arguments, such as sumif; "" where there is none. It needs no code.
	If         string
	IfExamples []fn.Example
	// Star tells that "*" as an argument stands for all columns that are
	// neither grouped by nor among the other arguments.
	Star bool
}

// Overload is one way to call an aggregation.
type Overload struct {
	Params   []fn.Param
	Variadic bool       // the last parameter may come any number of times
	Optional int        // how many of the last parameters may be left out
	Result   table.Type // Unknown where only Outputs can tell
	New      func(spec Spec) State
}

// Arg is an argument as the binder knows it.
type Arg struct {
	fn.Arg
	Name string // that a column of it would have, or "" for an expression without a name
}

// Spec is what a state is made for.
type Spec struct {
	Types  []table.Type  // of the arguments, after conversion
	Consts []*vec.Column // as many: the arguments that are constant, nil for others
}

// constant returns argument i where it is there and constant and not null.
func (s Spec) constant(i int) *vec.Column {
	if i >= len(s.Consts) || s.Consts[i] == nil || s.Consts[i].IsNull(0) {
		return nil
	}
	return s.Consts[i]
}

// long returns constant argument i, or otherwise where it was left out.
func (s Spec) long(i int, otherwise int64) int64 {
	if c := s.constant(i); c != nil {
		return c.Int64(0)
	}
	return otherwise
}

// State is the state of one aggregation for all groups. Its methods are called
// by one goroutine. A state that has been written out and read again is as good
// as the one it was: it merges and gives results the same.
type State interface {
	// Grow makes room for n groups; new ones are empty.
	Grow(n int)
	// Add takes in n rows: groups has the group of each row, cols the arguments.
	Add(groups []int32, cols []vec.Column, n int)
	// Merge takes in another state of the same aggregation: to has the group
	// here for each group there.
	Merge(other State, to []int32)
	// Results returns the result columns, a row a group. Called once.
	Results() []vec.Column
	// Encode appends the state of some groups, for Decode. Once it was called
	// nothing is added or merged any more.
	Encode(b []byte, groups []int32) []byte
	// Decode reads what Encode wrote of n groups into a fresh state that was
	// grown to as many.
	Decode(r *wire.Reader, n int)
	// Size is the memory held, in bytes, near enough for a budget.
	Size() int64
}

// Counter is a state that only wants to know how many rows a group has.
type Counter interface {
	AddCounts(groups []int32, counts []int64)
}

// Coder is a state that takes its first argument, the only one that is not
// constant, by codes: it looks at each value of a dictionary once. It may
// decline, and is given columns then.
type Coder interface {
	AddCoded(groups []int32, c *vec.Coded) bool
}

// Settler is a state that lets rows wait until there are many. Settle takes them
// in, where memory is short.
type Settler interface {
	Settle()
}

// Shared is a state whose work several goroutines can share, once all rows were
// added. Share tells how many: as many as there are states of other workers.
type Shared interface {
	Share(threads int)
}

// Ranged is a state that can give results of some groups at a time, so that
// those of many groups need not all be in memory twice.
type Ranged interface {
	ResultsOf(from, to int) []vec.Column
}

// Numbered is a state that tells values apart by numbers. Where the first
// argument is a column whose strings have numbers already it is told before the
// first row.
type Numbered interface {
	Number(n *vec.Numbering)
}

var funcs = map[string]*Func{}

func register(f Func) {
	for _, name := range append([]string{f.Name}, f.Aliases...) {
		add(name, &f)
	}
	if f.If != "" {
		add(f.If, withPredicate(f))
	}
}

func add(name string, f *Func) {
	if funcs[name] != nil {
		panic("BUG: two aggregations are named " + name)
	}
	funcs[name] = f
}

// Lookup returns the aggregation with a name or alias.
func Lookup(name string) (*Func, bool) {
	f, ok := funcs[name]
	return f, ok
}

// All returns every aggregation once, by name.
func All() []*Func {
	var out []*Func
	for name, f := range funcs {
		if name == f.Name {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b *Func) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Names returns every name and alias, sorted.
func Names() []string { return slices.Sorted(maps.Keys(funcs)) }

// URL is the aggregation's page in Microsoft's documentation.
func (f *Func) URL() string {
	page := f.Page
	if page == "" {
		page = strings.ReplaceAll(f.Name, "_", "-") + "-aggregation-function"
	}
	return "https://learn.microsoft.com/kusto/query/" + page
}

// scalar is the function that overloads are chosen through, so that the rules
// of conversion and the messages are those of scalar functions.
func (f *Func) scalar() *fn.Scalar {
	s := &fn.Scalar{Name: f.Name, Doc: f.Doc}
	for _, o := range f.Overloads {
		s.Overloads = append(s.Overloads, fn.Overload{Params: o.Params, Variadic: o.Variadic, Optional: o.Optional, Result: o.Result})
	}
	return s
}

// Signatures writes the overloads as a user would call them.
func (f *Func) Signatures() []string {
	out := f.scalar().Signatures()
	for i, s := range out {
		out[i] = strings.TrimSuffix(s, ": "+table.Unknown.String())
	}
	return out
}

// Choose returns the overload for the arguments and the types that they must
// be converted to first.
func (f *Func) Choose(args []Arg) (Overload, []table.Type, error) {
	plain := make([]fn.Arg, len(args))
	for i, a := range args {
		plain[i] = a.Arg
	}
	best := -1
	var found Overload
	var types []table.Type
	s := f.scalar()
	for i, o := range s.Overloads {
		if t, cost := o.Accept(plain); cost >= 0 && (best < 0 || cost < best) {
			best, found, types = cost, f.Overloads[i], t
		}
	}
	if best >= 0 {
		return found, types, f.check(args, types)
	}
	_, _, err := s.Choose(plain)
	if err == nil {
		err = fmt.Errorf("BUG: %s() chose no overload", f.Name)
	}
	return Overload{}, nil, err
}

// check refuses what overloads alone would let through: a dynamic whose values
// would be taken as whatever type costs least, and what Check is about.
func (f *Func) check(args []Arg, types []table.Type) error {
	if len(args) > 0 && args[0].Type == table.Dynamic && types[0] != table.Dynamic && types[0] != table.Bool {
		return &fn.MismatchError{Arg: 0, Msg: f.Name + "() does not take a dynamic", Hint: "convert it with tolong(), todouble(), todatetime() or tostring()"}
	}
	if f.Check != nil {
		return f.Check(args)
	}
	return nil
}

// Columns names and types the result columns for a call.
func (f *Func) Columns(o Overload, args []Arg) []table.Column {
	if f.Outputs != nil {
		return f.Outputs(o, args)
	}
	name := f.Prefix + "_"
	if len(args) > 0 {
		name += args[0].Name
		if f.Prefix == "" {
			name = args[0].Name
		}
	}
	return []table.Column{{Name: name, Type: o.Result}}
}

// withPredicate makes the …if variant: rows where the last argument is not
// true are left out before the aggregation sees them.
func withPredicate(f Func) *Func {
	g := f
	g.Name, g.If, g.Aliases = f.If, "", nil
	g.Page = strings.ReplaceAll(f.If, "_", "-") + "-aggregation-function"
	if f.Prefix == f.Name { // sum_a gives sumif_a, but set_a stays so
		g.Prefix = f.If
	}
	g.Doc = strings.TrimSuffix(f.Doc, ".") + ", over the rows where a predicate is true."
	g.Examples = f.IfExamples
	g.Overloads = nil
	for _, o := range f.Overloads {
		at := len(o.Params) - o.Optional
		required := append(slices.Clone(o.Params[:at]), fn.P(table.Bool))
		g.Overloads = append(g.Overloads, Overload{
			Params: append(required, o.Params[at:]...), Optional: o.Optional, Result: o.Result,
			New: func(spec Spec) State {
				inner := Spec{Types: without(spec.Types, at), Consts: without(spec.Consts, at)}
				return &filtered{inner: o.New(inner), at: at}
			},
		})
	}
	return &g
}

func without[T any](v []T, at int) []T {
	if at >= len(v) {
		return v
	}
	return append(slices.Clone(v[:at]), v[at+1:]...)
}

// filtered passes on the rows whose predicate, argument at, is true.
type filtered struct {
	inner State
	at    int
}

func (s *filtered) Grow(n int) { s.inner.Grow(n) }

func (s *filtered) Add(groups []int32, cols []vec.Column, n int) {
	sel := vec.Selected(cols[s.at], n)
	args := without(cols, s.at)
	if len(sel) == n {
		s.inner.Add(groups, args, n)
		return
	}
	picked := make([]int32, len(sel))
	for i, row := range sel {
		picked[i] = groups[row]
	}
	for i, c := range args {
		args[i] = c.Gather(sel)
	}
	s.inner.Add(picked, args, len(sel))
}

// Settle is for the states that let rows wait.
func (s *filtered) Settle() {
	if inner, ok := s.inner.(Settler); ok {
		inner.Settle()
	}
}

func (s *filtered) Merge(other State, to []int32) { s.inner.Merge(other.(*filtered).inner, to) }
func (s *filtered) Results() []vec.Column         { return s.inner.Results() }
func (s *filtered) Size() int64                   { return s.inner.Size() }

func (s *filtered) Encode(b []byte, groups []int32) []byte { return s.inner.Encode(b, groups) }
func (s *filtered) Decode(r *wire.Reader, n int)           { s.inner.Decode(r, n) }
