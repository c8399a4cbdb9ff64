package op

import (
	"regexp"
	"slices"
	"strings"

	"tidemark/engine/fn"
	"tidemark/parser"
	"tidemark/table"
)

// pattern is the pattern of parse, ready to be matched.
type pattern struct {
	text   string // for plans
	types  []table.Type
	strict bool // a capture that is not of its type is no match
	// match reports whether a text matches, and puts what is captured into row.
	match func(s string, row []string) bool
}

func (p *pattern) describe(x string) string { return "parse " + x + " with " + p.text }

// boundPattern is a pattern with the columns that it gives.
type boundPattern struct {
	pattern *pattern
	cols    []table.Column
}

// gap is what stands between two texts of a pattern.
type gap uint8

const (
	noGap gap = iota // only at the start: the text begins with it
	star             // anything
	capture
)

// part is a gap and the text after it; the text is empty at the end alone.
type part struct {
	gap  gap
	col  int // of a capture
	text string
}

// parsePattern binds the pattern of parse.
func (b *Binder) parsePattern(op *parser.ParseOperator) (boundPattern, bool) {
	kind, flags, ok := b.parseOptions(op)
	cols, right := b.parseColumns(op)
	if !ok || !right {
		return boundPattern{}, false
	}
	p := &pattern{text: patternText(op), types: Types(cols), strict: kind != "relaxed"}
	parts := partsOfPattern(op.Pattern)
	simple := kind != "regex" && flags == "" && !slices.ContainsFunc(p.types, func(t table.Type) bool { return t != table.String })
	if simple {
		p.match = func(s string, row []string) bool { return matchParts(parts, s, row) }
		return boundPattern{p, cols}, true
	}
	re, err := compileParts(parts, cols, kind, flags)
	if err != nil {
		b.badPattern(op, err)
		return boundPattern{}, false
	}
	p.match = regexMatcher(re, len(cols))
	if kind != "regex" && flags == "" {
		slow := p.match
		p.match = func(s string, row []string) bool { return mayMatchParts(parts, s) && slow(s, row) }
	}
	return boundPattern{p, cols}, true
}

func (b *Binder) parseOptions(op *parser.ParseOperator) (kind, flags string, ok bool) {
	kind = "simple"
	if o := op.Options.Get("kind"); o != nil {
		kind = o.Word()
		if kind != "simple" && kind != "regex" && kind != "relaxed" {
			b.fail(o.Value.Span(), "KS005", "the kinds are simple, regex and relaxed", "there is no kind of parse named %s", kind)
			return "", "", false
		}
	}
	if o := op.Options.Get("flags"); o != nil {
		if flags = o.Word(); strings.Trim(flags, "imsU") != "" {
			b.fail(o.Value.Span(), "KS005", "the flags are i, m, s and U", "%s are not flags of a regular expression", flags)
			return "", "", false
		}
		if kind != "regex" {
			flags = "" // they are about regular expressions alone
		}
	}
	return kind, flags, true
}

// parseColumns checks the order of the pieces and collects the columns.
func (b *Binder) parseColumns(op *parser.ParseOperator) ([]table.Column, bool) {
	var cols []table.Column
	before := len(b.errs)
	var last *parser.ParsePiece
	for _, p := range op.Pattern {
		if p.Name == nil {
			if p.Star && last != nil && last.Name != nil && cols[len(cols)-1].Type == table.String {
				b.fail(p.Span(), "KS103", "put a text between them, or give the column a type", "* after the string column %s leaves open where the column ends", last.Name.Name)
			}
			last = p
			continue
		}
		switch {
		case last != nil && last.Star:
			b.fail(p.Span(), "KS102", "put the text that comes before "+p.Name.Name, "a text must follow *")
		case last != nil && last.Name != nil:
			b.fail(p.Span(), "KS101", "put the text that stands between "+last.Name.Name+" and "+p.Name.Name, "a column must follow a text")
		}
		last = p
		c := table.Column{Name: p.Name.Name, Type: table.String}
		if p.Type != "" {
			t, ok := table.TypeNamed(p.Type)
			if !ok {
				b.fail(p.Span(), "KS003", "the types are "+table.TypeNameList(), "%s is not a type", p.Type)
				continue
			}
			c.Type = t
		}
		if (&rowScope{cols: cols}).has(c.Name) {
			b.fail(p.Span(), "KS202", "", "a column named %s is already there", c.Name)
		}
		cols = append(cols, c)
	}
	return cols, len(b.errs) == before
}

func (b *Binder) badPattern(op *parser.ParseOperator, err error) {
	at := op.Pattern[0].Span()
	for _, p := range op.Pattern { // the piece that is wrong, where one is wrong alone
		if p.Text == nil {
			continue
		}
		if _, e := fn.CompileRegex(p.Text.Text); e != nil {
			at, err = p.Span(), e
			break
		}
	}
	b.fail(at, "KS141", "patterns follow RE2, without look-around and back-references; write them as @\"…\" to keep backslashes",
		"not a regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}

func patternText(op *parser.ParseOperator) string {
	var out []string
	for _, p := range op.Pattern {
		switch {
		case p.Star:
			out = append(out, "*")
		case p.Text != nil:
			out = append(out, `"`+p.Text.Text+`"`)
		case p.Type != "":
			out = append(out, p.Name.Name+":"+p.Type)
		default:
			out = append(out, p.Name.Name)
		}
	}
	return strings.Join(out, " ")
}

// partsOfPattern joins pieces to parts. A star beside a typed column stays a part of
// its own.
func partsOfPattern(pieces []*parser.ParsePiece) []part {
	var out []part
	open := false // the last part still takes its text
	col := 0
	for _, p := range pieces {
		switch {
		case p.Text != nil && open:
			out[len(out)-1].text += p.Text.Text
		case p.Text != nil:
			out, open = append(out, part{gap: noGap, text: p.Text.Text}), true
		case p.Star:
			out, open = append(out, part{gap: star}), true
		default:
			out, open = append(out, part{gap: capture, col: col}), true
			col++
		}
	}
	return out
}

// matchParts matches a pattern whose captures are all texts: each gap ends
// where the text after it comes first, the last text ends the whole.
func matchParts(parts []part, s string, row []string) bool {
	for i, p := range parts {
		end := 0
		switch {
		case p.gap == noGap && i == len(parts)-1:
			return s == p.text
		case p.gap == noGap:
			if !strings.HasPrefix(s, p.text) {
				return false
			}
		case p.text == "": // the end
			end = len(s)
		case i == len(parts)-1:
			if !strings.HasSuffix(s, p.text) {
				return false
			}
			end = len(s) - len(p.text)
		default:
			if end = strings.Index(s, p.text); end < 0 {
				return false
			}
		}
		if p.gap == capture {
			row[p.col] = s[:end]
		}
		s = s[end+len(p.text):]
	}
	return s == ""
}

// mayMatchParts is a quick look at whether the texts are there, in order.
func mayMatchParts(parts []part, s string) bool {
	for _, p := range parts {
		at := strings.Index(s, p.text)
		if at < 0 {
			return false
		}
		s = s[at+len(p.text):]
	}
	return true
}

// What a typed capture takes of the text. Others, such as dynamic, take what
// is there up to the next text.
var captureOf = map[table.Type]string{
	table.Int: `[-+]?\d+`, table.Long: `[-+]?\d+`,
	table.Real: `[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`, table.Decimal: `[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`,
	table.Bool:     `(?:[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|[01])`,
	table.Guid:     `\{?[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?`,
	table.Datetime: `\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?(?: ?(?:Z|[-+]\d{2}:?\d{2}))?)?`,
	table.Timespan: `-?(?:(?:\d+\.)?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?|\d+(?:\.\d+)?(?:[a-z]+)?)`,
}

// compileParts writes a pattern as a regular expression over the whole text.
// In kind=regex captures are greedy, as the flag U exists to change.
func compileParts(parts []part, cols []table.Column, kind, flags string) (*regexp.Regexp, error) {
	var b strings.Builder
	if kind != "regex" {
		flags = "s"
	}
	if flags != "" {
		b.WriteString("(?" + flags + ")")
	}
	b.WriteString(`\A`)
	for i, p := range parts {
		switch p.gap {
		case star:
			b.WriteString("(?-U:.*?)")
		case capture:
			beforeStar := i+1 < len(parts) && p.text == ""
			b.WriteString("(?P<" + captureName(p.col) + ">" + captureText(cols[p.col].Type, kind, beforeStar) + ")")
		}
		if kind == "regex" {
			b.WriteString("(?:" + p.text + ")")
		} else {
			b.WriteString(regexp.QuoteMeta(p.text))
		}
	}
	b.WriteString(`\z`)
	return fn.CompileRegex(b.String())
}

func captureName(i int) string { return "tidemark" + itoa(i) }

// captureText is what a capture matches. Where any text would do, the text
// after it says where it ends; before a star it must end by itself.
func captureText(t table.Type, kind string, beforeStar bool) string {
	own, typed := captureOf[t]
	whole := t == table.Datetime || t == table.Timespan // written in many ways
	switch {
	case typed && beforeStar && kind == "relaxed":
		return "(?-U:(?:" + own + ")?)"
	case typed && kind != "relaxed" && !whole, typed && beforeStar:
		return "(?-U:" + own + ")"
	case kind == "regex":
		return ".*"
	}
	return ".*?"
}

// regexMatcher matches by a regular expression.
func regexMatcher(re *regexp.Regexp, n int) func(s string, row []string) bool {
	place := make([]int, n)
	for i := range place {
		place[i] = re.SubexpIndex(captureName(i))
	}
	return func(s string, row []string) bool {
		m := re.FindStringSubmatchIndex(s)
		if m == nil {
			return false
		}
		for i, g := range place {
			if m[2*g] >= 0 {
				row[i] = s[m[2*g]:m[2*g+1]]
			}
		}
		return true
	}
}
