// Package fn is the catalogue of scalar functions. Each is one entry: name,
// sentence of documentation, examples, overloads with their bodies. The binder,
// the help, the completer, docs/functions.md and the tests all read it.
//
// A body is a Go function over values, func(string) int64; lift.go turns it
// into a loop over columns. To add a function, add a register call to the file
// of its family.
package fn

//go:generate go run ./gen ../../docs/functions.md

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tidemark/engine/geoip"
	"tidemark/engine/vec"
	"tidemark/table"
)

// Scalar describes one scalar function.
type Scalar struct {
	Name    string
	Aliases []string // other names for the same, such as todouble for toreal
	Family  string   // as the documentation groups them: string, datetime, dynamic, …
	Doc     string   // one sentence
	// Page is the name of the Kusto documentation page where it is not Name
	// with hyphens plus "-function".
	Page     string
	Examples []Example
	// Overloads are tried in order; the one whose parameters need the least
	// conversion is taken.
	Overloads []Overload
	// Usage, where set, is how it is called, for functions whose overloads do
	// not tell.
	Usage []string
	// Resolve, where set, chooses instead of Overloads: for functions whose
	// result type depends on all their arguments.
	Resolve func(args []Arg) (Overload, error)
	// Naming says how a column that is a bare call of it is named, and Prefix
	// what it begins with where that is not the function's name.
	Naming Naming
	Prefix string
	// Needs, where set, says what is missing from what a query runs with.
	Needs func(env *Env) error
	// Constant are the places of arguments that must be known before rows are
	// read, Literal those that must be written out.
	Constant, Literal []int
	// NoDynamic functions take no dynamic, whatever their parameters say.
	NoDynamic bool
	// Volatile functions give a new value for each row.
	Volatile bool
}

// Example is a query and what its first cell prints as.
type Example struct{ Query, Want string }

// Naming is how a result column is named after a call.
type Naming uint8

// The ways. ByPosition gives Column1; ByFirst the name of the first argument's
// column, as tostring(a) gives a; ByOnly the same where there is no other
// argument; ByName the function's name, or its prefix, and that of the first
// argument, as strlen(a) gives strlen_a; ByPrefix the prefix alone.
const (
	ByPosition Naming = iota
	ByFirst
	ByOnly
	ByName
	ByPrefix
)

// Param is what an overload takes in one place: a scalar type, or one of the
// classes below.
type Param uint8

// The classes of parameters that are not one type.
const (
	Any            Param = 100 + iota // a value of any type, as it is
	AsText                            // a value of any type, as tostring() gives it
	Number                            // int, long, real or decimal, as it is
	TextOrDynamic                     // string or dynamic, as it is
	WholeOrDynamic                    // int, long or dynamic, as it is
)

// P is the parameter for a scalar type.
func P(t table.Type) Param { return Param(t) }

func (p Param) String() string {
	switch p {
	case Any, AsText:
		return "scalar"
	case Number:
		return "number"
	case TextOrDynamic:
		return "string or dynamic"
	case WholeOrDynamic:
		return "long or dynamic"
	}
	return table.Type(p).String()
}

// Overload is one way to call a function.
type Overload struct {
	Params   []Param
	Variadic bool // the last parameter may come any number of times, at least once
	Optional int  // how many of the last parameters may be left out
	Result   table.Type
	Kernel   Kernel
	// Coded computes the function where several arguments are dictionaries, of
	// these, and declines where they are better made flat. It may be nil.
	Coded func(a *Args) (vec.Column, bool)
}

// Kernel computes a function for the rows of a batch. It returns a column of a
// row each, or a constant one where all arguments are constant or N does not
// matter. Dictionaries never reach it: the evaluator calls it once per
// distinct value instead.
type Kernel func(a *Args) vec.Column

// Args is what a kernel is called with.
type Args struct {
	Env   *Env
	N     int
	Cols  []vec.Column
	Types []table.Type // of Cols
}

// Env is what a query fixes for all its functions.
type Env struct {
	Now    table.Time // what now() gives, the same through the whole query
	Cursor string     // what cursor_current() gives; "" for one made of Now
	GeoIP  *geoip.DB  // where addresses are; nil where no database is named
}

// Arg is an argument as the binder knows it.
type Arg struct {
	Type   table.Type
	Const  *vec.Column // its value, where it is known before the query runs
	Typeof table.Type  // for typeof(long)
}

// Str returns the text of a constant string argument.
func (a Arg) Str() (string, bool) {
	if a.Const == nil || a.Type != table.String {
		return "", false
	}
	return a.Const.Str(0), true
}

var scalars = map[string]*Scalar{}

func register(s Scalar) {
	for _, name := range append([]string{s.Name}, s.Aliases...) {
		if scalars[name] != nil {
			panic("BUG: two functions are named " + name)
		}
		scalars[name] = &s
	}
}

// Lookup returns the function with a name or alias.
func Lookup(name string) (*Scalar, bool) {
	s, ok := scalars[name]
	return s, ok
}

// All returns every function once, by name.
func All() []*Scalar {
	var out []*Scalar
	for name, s := range scalars {
		if name == s.Name {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *Scalar) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Names returns every name and alias, sorted.
func Names() []string { return slices.Sorted(maps.Keys(scalars)) }

// URL is the function's page in Microsoft's documentation.
func (s *Scalar) URL() string {
	page := s.Page
	if page == "" {
		page = strings.ReplaceAll(s.Name, "_", "-") + "-function"
	}
	return "https://learn.microsoft.com/kusto/query/" + page
}

// Signatures writes the overloads as a user would call them.
func (s *Scalar) Signatures() []string {
	out := s.Usage
	for _, o := range s.Overloads {
		parts := make([]string, len(o.Params))
		for i, p := range o.Params {
			parts[i] = p.String()
			if i >= len(o.Params)-o.Optional {
				parts[i] = "[" + parts[i] + "]"
			}
		}
		if o.Variadic {
			parts = append(parts, "…")
		}
		out = append(out, fmt.Sprintf("%s(%s): %s", s.Name, strings.Join(parts, ", "), o.Result))
	}
	return out
}

// Choose returns the overload for arguments of these types, and the types the
// arguments must be converted to first.
func (s *Scalar) Choose(args []Arg) (Overload, []table.Type, error) {
	if s.Resolve != nil {
		o, err := s.Resolve(args)
		if err != nil {
			return Overload{}, nil, err
		}
		types, cost := o.accept(args, true) // it has said itself what it does not take
		if cost < 0 {
			return Overload{}, nil, s.mismatch(args, []Overload{o})
		}
		return o, types, nil
	}
	operator := operators[s.Name] == s
	if operator { // an operator reads an array or bag as its text
		args = slices.Clone(args)
		for i := range args {
			args[i].Const = nil
		}
	}
	for i, a := range args {
		if a.Typeof != table.Unknown && !s.takesAny(i) {
			return Overload{}, nil, &MismatchError{Arg: i, Code: "KS107", Msg: s.Name + "() takes a value here, not a type", Hint: s.hint()}
		}
	}
	best := -1
	var found Overload
	var types []table.Type
	for _, o := range s.Overloads {
		if t, cost := o.accept(args, operator); cost >= 0 && (best < 0 || cost < best) {
			best, found, types = cost, o, t
		}
	}
	if best < 0 && operator && len(args) >= 2 {
		return Overload{}, nil, &UndefinedError{s.Name, args[0].Type, args[1].Type}
	}
	if best < 0 {
		return Overload{}, nil, s.mismatch(args, s.Overloads)
	}
	return found, types, nil
}

// takesAny reports whether argument i may be of any type.
func (s *Scalar) takesAny(i int) bool {
	return slices.ContainsFunc(s.Overloads, func(o Overload) bool {
		p, ok := o.param(i)
		return ok && (p == Any || p == AsText)
	})
}

// param returns the parameter for argument i, or false.
func (o Overload) param(i int) (Param, bool) {
	if i < len(o.Params) {
		return o.Params[i], true
	}
	if o.Variadic && len(o.Params) > 0 {
		return o.Params[len(o.Params)-1], true
	}
	return 0, false
}

// Accept returns the types the arguments have to be converted to, and what
// that costs, or -1 where they do not fit.
func (o Overload) Accept(args []Arg) ([]table.Type, int) { return o.accept(args, false) }

// accept is Accept; where operand is set, a dynamic is taken as any type that
// is wanted, as operators do and functions do not.
func (o Overload) accept(args []Arg, operand bool) ([]table.Type, int) {
	if len(args) < len(o.Params)-o.Optional || len(args) > len(o.Params) && !o.Variadic {
		return nil, -1
	}
	types := make([]table.Type, len(args))
	total := 0
	for i, a := range args {
		p, _ := o.param(i)
		t, cost := p.acceptArg(a)
		if want := table.Type(p); operand && cost < 0 && a.Type == table.Dynamic && p < Any {
			t, cost = want, 31+int(want)
		}
		if cost < 0 {
			return nil, -1
		}
		types[i] = t
		total += cost
	}
	return types, total
}

// acceptArg is accept for an argument whose value may be known: an array or a
// bag that is written out is no other type, which some dynamic value may be.
func (p Param) acceptArg(a Arg) (table.Type, int) {
	t, cost := p.accept(a.Type)
	if cost >= 0 && a.Type == table.Dynamic && t != table.Dynamic && p != AsText && a.Const != nil {
		if s, ok := a.Const.Value(0).(string); ok && strings.HasPrefix(s, "[") || strings.HasPrefix(s, "{") {
			return t, -1
		}
	}
	return t, cost
}

// accept returns the type that a value of type t is converted to for the
// parameter, and the cost of that, or -1 where it does not fit.
func (p Param) accept(t table.Type) (table.Type, int) {
	switch p {
	case Any:
		return t, 1
	case AsText:
		if t == table.String {
			return t, 0
		}
		return table.String, 20
	case TextOrDynamic, WholeOrDynamic:
		if t == table.Dynamic || t == table.Unknown || p == TextOrDynamic && t == table.String || p == WholeOrDynamic && t.IsInteger() {
			return t, 0
		}
		return t, -1
	case Number:
		if !t.IsNumeric() && t != table.Unknown {
			return t, -1
		}
		return t, 1
	}
	want := table.Type(p)
	switch {
	case t == want:
		return t, 0
	case t == table.Unknown:
		return want, 0
	case t.IsNumeric() && want.IsNumeric() && t < want:
		return want, int(want - t)
	case t == table.Decimal && want == table.Real:
		return want, 10
	case t == table.Long && want == table.Int: // a literal 1 where an int is taken
		return want, 5
	case t == table.Dynamic && want == table.String:
		return want, 30
	}
	return t, -1
}

// wantedCode is Kusto's code for an argument that is none of these types.
func wantedCode(name string, wanted []string) string {
	all := func(types ...string) bool {
		return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(types, w) })
	}
	switch {
	case all("dynamic") && strings.HasPrefix(name, "bag_"):
		return "KS235"
	case all("dynamic"):
		return "KS234"
	case all("int", "long"):
		return "KS134"
	case all("int", "long", "real", "decimal", "number"):
		return "KS137"
	case len(wanted) == 1 && wanted[0] == TextOrDynamic.String():
		return "KS141"
	case len(wanted) == 1 && wanted[0] == WholeOrDynamic.String():
		return "KS136"
	case len(wanted) == 1 || all("string", "dynamic"):
		return "KS107"
	}
	return "KS127"
}

// mismatch says why no overload fits.
func (s *Scalar) mismatch(args []Arg, overloads []Overload) error {
	least, most := 1<<30, 0
	for _, o := range overloads {
		least = min(least, len(o.Params)-o.Optional)
		if o.Variadic {
			most = 1 << 30
		}
		most = max(most, len(o.Params))
	}
	if len(args) < least || len(args) > most {
		code := "KS120"
		if least == most {
			code = "KS119"
		}
		return &MismatchError{Arg: -1, Code: code, Msg: fmt.Sprintf("%s() takes %s, not %d", s.Name, countText(least, most), len(args)), Hint: s.hint()}
	}
	// Name the first argument that no overload of this arity takes.
	for i, a := range args {
		var wanted []string
		for _, o := range overloads {
			p, ok := o.param(i)
			if !ok {
				continue
			}
			if _, cost := p.acceptArg(a); cost >= 0 {
				wanted = nil
				break
			}
			if w := p.String(); !slices.Contains(wanted, w) {
				wanted = append(wanted, w)
			}
		}
		if wanted != nil {
			return &MismatchError{Arg: i, Code: wantedCode(s.Name, wanted), Msg: fmt.Sprintf("%s() takes a %s here, not a %s", s.Name, strings.Join(wanted, " or "), a.Type), Hint: conversionHint(wanted, s)}
		}
	}
	return &MismatchError{Arg: -1, Code: "KS127", Msg: s.Name + "() does not take these arguments together", Hint: s.hint()}
}

func (s *Scalar) hint() string {
	if sigs := s.Signatures(); len(sigs) > 0 {
		return "usage: " + strings.Join(sigs[:min(3, len(sigs))], " or ")
	}
	return s.Doc
}

func conversionHint(wanted []string, s *Scalar) string {
	if _, ok := scalars["to"+wanted[0]]; ok {
		return "convert it with to" + wanted[0] + "()"
	}
	return s.hint()
}

func countText(least, most int) string {
	plural := func(n int) string {
		if n == 1 {
			return "1 argument"
		}
		return fmt.Sprintf("%d arguments", n)
	}
	switch {
	case most == 0:
		return "no arguments"
	case least == most:
		return plural(least)
	case most == 1<<30:
		return "at least " + plural(least)
	}
	return fmt.Sprintf("%d to %s", least, plural(most))
}

// MismatchError says that a function cannot be called so. Arg is the place of
// the argument that is wrong, or -1.
type MismatchError struct {
	Arg       int
	Code      string // Kusto's; "" for that of the place
	Msg, Hint string
}

func (e *MismatchError) Error() string { return e.Msg }
