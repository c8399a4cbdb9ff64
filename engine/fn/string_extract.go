package fn

import (
	"regexp"
	"strconv"

	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/table"
)

func init() {
	register(withRegex(Scalar{Name: "extract", Constant: []int{0}, Family: "string", Doc: "Gets what a group of a regular expression matched in a string, the whole being group 0; as another type where typeof() says so.",
		Examples:  []Example{{`print extract("User: ([^,]+)", 1, "User: James, Age: 29")`, "James"}, {`print extract(@"Age: (\d+)", 1, "User: James, Age: 29", typeof(int))`, "29"}},
		Overloads: []Overload{Try3(extract), typed(Try3(extract), table.String)},
		Resolve:   typedBy(Try3(extract), 3)}, 0))
	register(withRegex(Scalar{Name: "extract_all", Constant: []int{0}, Aliases: []string{"extractall"}, Family: "string", Doc: "Gets all matches of a regular expression as an array, of arrays where it has more than one group; of some groups only where they are given.",
		Examples: []Example{{`print extract_all(@"(\d+)", "a set of numbers: 123, 567 and 789")`, `["123","567","789"]`},
			{`print extract_all(@"(\w)(\w+)(\w)", dynamic([1, 3]), "abcd wxyz")`, `[["a","d"],["w","z"]]`}},
		Overloads: []Overload{
			Try2(func(pattern, s string) (Dyn, bool) { return extractAll(pattern, "", s) }),
			Try3(extractAll),
		}}, 0))
	register(Scalar{Name: "extract_json", Constant: []int{0}, Aliases: []string{"extractjson"}, Family: "string", Doc: "Gets the value at a path of a JSON text; as another type where typeof() says so.",
		Examples:  []Example{{`print extract_json("$.name", '{"name": "John", "age": 30}')`, "John"}, {`print extract_json("$.a[1]", '{"a": [1, 2]}', typeof(long))`, "2"}},
		Overloads: []Overload{Try2(extractJSON), typed(Try2(extractJSON), table.String)},
		Resolve:   typedBy(Try2(extractJSON), 2)})
}

// typed adds a last argument typeof(t) to an overload that gives a string.
func typed(o Overload, t table.Type) Overload {
	k := o.Kernel
	o.Params = append(o.Params[:len(o.Params):len(o.Params)], Any)
	o.Result = t
	convert, ok := Converter(table.String, t)
	if !ok {
		convert = nulls(t)
	}
	o.Kernel = func(a *Args) vec.Column {
		n := len(a.Cols) - 1
		inner := &Args{Env: a.Env, N: a.N, Cols: a.Cols[:n], Types: a.Types[:n]}
		text := k(inner)
		return convert(&Args{Env: a.Env, N: a.N, Cols: []vec.Column{text}, Types: []table.Type{table.String}})
	}
	return o
}

// typedBy chooses the plain overload, or the one for the type that argument n
// names.
func typedBy(o Overload, n int) func(args []Arg) (Overload, error) {
	return func(args []Arg) (Overload, error) {
		if len(args) != n+1 {
			return o, nil
		}
		t := args[n].Typeof
		if t == table.Unknown {
			return Overload{}, &MismatchError{Arg: n, Msg: "this argument has to be a type, such as typeof(long)"}
		}
		return typed(o, t), nil
	}
}

func extract(pattern string, group int64, s string) (string, bool) {
	c := lookupRegex(pattern)
	if c.err != nil || group < 0 || group > int64(c.re.NumSubexp()) || !c.mayMatch(s) {
		return "", false
	}
	return c.group(s, group)
}

// extractAll gives an array of texts where one group is asked for, of arrays
// where more are.
func extractAll(pattern string, groups Dyn, s string) (Dyn, bool) {
	c := lookupRegex(pattern)
	if c.err != nil || !c.mayMatch(s) {
		return "", false
	}
	wanted, ok := captureGroups(c.re, groups)
	if !ok {
		return "", false
	}
	matches := c.re.FindAllStringSubmatchIndex(s, -1)
	if matches == nil {
		return "", false
	}
	b := []byte{'['}
	for i, m := range matches {
		if i > 0 {
			b = append(b, ',')
		}
		if len(wanted) > 1 {
			b = append(b, '[')
		}
		for k, g := range wanted {
			if k > 0 {
				b = append(b, ',')
			}
			text := ""
			if m[2*g] >= 0 {
				text = s[m[2*g]:m[2*g+1]]
			}
			b = dyn.AppendString(b, text)
		}
		if len(wanted) > 1 {
			b = append(b, ']')
		}
	}
	return Dyn(append(b, ']')), true
}

// captureGroups reads an array of numbers and names of groups; without one all
// are wanted, or the whole match where the expression has none.
func captureGroups(re *regexp.Regexp, groups Dyn) ([]int, bool) {
	if groups == "" {
		if re.NumSubexp() == 0 {
			return []int{0}, true
		}
		var all []int
		for g := range re.NumSubexp() {
			all = append(all, g+1)
		}
		return all, true
	}
	var out []int
	for _, name := range appendTexts(nil, table.Dynamic, string(groups)) {
		g, err := strconv.Atoi(name)
		if err != nil {
			g = re.SubexpIndex(name)
		}
		if g < 0 || g > re.NumSubexp() {
			return nil, false
		}
		out = append(out, g)
	}
	return out, len(out) > 0
}

// extractJSON follows a path such as $.a['b c'][0].
func extractJSON(path, text string) (string, bool) {
	steps, ok := jsonPath(path)
	if !ok {
		return "", false
	}
	p := parsers.Get()
	defer parsers.Put(p)
	v, err := p.Parse(text)
	if err != nil {
		return "", false
	}
	for _, s := range steps {
		if s.index >= 0 {
			if v.Type() != dyn.Array {
				return "", false
			}
			v = v.Get(strconv.Itoa(s.index))
		} else {
			if v.Type() != dyn.Obj {
				return "", false
			}
			v = v.Get(s.name)
		}
		if v == nil {
			return "", false
		}
	}
	return elementText(v), v.Type() != dyn.Null
}

// step is a member of an object, or an element of an array where index >= 0.
type step struct {
	name  string
	index int
}

func jsonPath(path string) ([]step, bool) {
	if path == "" || path[0] != '$' {
		return nil, false
	}
	var steps []step
	for s := path[1:]; s != ""; {
		if s[0] == '.' {
			end := 1
			for end < len(s) && s[end] != '.' && s[end] != '[' {
				end++
			}
			if end == 1 {
				return nil, false
			}
			steps = append(steps, step{s[1:end], -1})
			s = s[end:]
			continue
		}
		next, rest, ok := bracketStep(s)
		if !ok {
			return nil, false
		}
		steps = append(steps, next)
		s = rest
	}
	return steps, true
}

// bracketStep reads [3], ['name'] or ["name"].
func bracketStep(s string) (next step, rest string, ok bool) {
	if len(s) < 3 || s[0] != '[' {
		return step{}, "", false
	}
	if q := s[1]; q == '\'' || q == '"' {
		for end := 2; end+1 < len(s); end++ {
			if s[end] == q && s[end+1] == ']' {
				return step{s[2:end], -1}, s[end+2:], true
			}
		}
		return step{}, "", false
	}
	for end := 1; end < len(s); end++ {
		if s[end] == ']' {
			i, err := strconv.Atoi(s[1:end])
			return step{"", i}, s[end+1:], err == nil && i >= 0
		}
	}
	return step{}, "", false
}
