package op

import (
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/parser"
	"tidemark/table"
)

// Warnings are about what runs but is surely not meant: a query that can never
// match looks like a quiet system.

// warnComparison looks at a comparison of a column with a text.
func (b *Binder) warnComparison(e *parser.Binary, l, r expr.Expr) {
	b.warnValue(e.L, r, e.R, e.Op)
	b.warnValue(e.R, l, e.L, e.Op)
}

// warnValue warns about a constant text that a column is compared with.
func (b *Binder) warnValue(column parser.Expr, value expr.Expr, at parser.Expr, op string) {
	k, ok := value.(*expr.Const)
	n, isName := column.(*parser.Name)
	if !ok || !isName || k.T != table.String || strings.HasPrefix(op, "!") {
		return
	}
	text, _ := k.Value().(string)
	b.warnVocabulary(n, text, at, op)
	lit, ok := at.(*parser.Literal)
	if !ok {
		return
	}
	switch {
	case isPathColumn(n.Name) && text != strings.TrimSpace(text) && strings.TrimSpace(text) != "" && !strings.Contains(op, "regex"):
		b.warn(at.Span(), "TM101", "leave the blank out: "+quoteVerbatim(strings.TrimSpace(text)),
			"this text begins or ends with a blank, and a path never does, so it matches nothing")
	case lit.Verbatim && strings.Contains(strings.TrimPrefix(text, `\\`), `\\`) && op != "matches regex" && isPathColumn(n.Name):
		b.warn(at.Span(), "TM102", "write "+quoteVerbatim(strings.ReplaceAll(text, `\\`, `\`)),
			`in an @"…" text a backslash stands for itself, so this looks for doubled backslashes`)
	case lit.Controls && strings.ContainsAny(text, "\t\n\r\a\b\f\v") && isPathColumn(n.Name):
		b.warn(at.Span(), "TM103", "write the path as @\"…\", where a backslash stands for itself",
			`this text holds a control character, read from a backslash and a letter`)
	}
}

// isPathColumn tells the columns that hold paths or registry keys.
func isPathColumn(name string) bool {
	for _, s := range []string{"Path", "Registry", "Hive", "ValueData"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return false
}

func quoteVerbatim(s string) string { return `@"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// warnVocabulary warns about a value that a column never holds.
func (b *Binder) warnVocabulary(n *parser.Name, text string, at parser.Expr, op string) {
	words := table.Vocabulary("ConfigurationChange", n.Name)
	if words == nil {
		words = table.Vocabulary("ConfigurationData", n.Name)
	}
	if words == nil || text == "" {
		return
	}
	match := func(w string) bool { return w == text }
	switch op {
	case "==", "in":
	case "=~", "in~":
		match = func(w string) bool { return strings.EqualFold(w, text) }
	default:
		return
	}
	if slices.ContainsFunc(words, match) {
		return
	}
	var named []string
	for _, w := range words {
		if w != "" {
			named = append(named, w)
		}
	}
	b.warn(at.Span(), "TM104", didYouMean(text, named, "it holds "+strings.Join(named, ", ")), "%s never holds %q, so this matches nothing", n.Name, text)
}

// azureHidden are hidden columns that Azure's tables have, too.
var azureHidden = []string{"_ItemId", "_TimeReceived", "TenantId", IngestionColumn}

// warnOwn warns, once a query, about a column that Azure's table does not have,
// so that the query would fail there.
func (b *Binder) warnOwn(c table.Column, at parser.Span) {
	if !c.Hidden || slices.Contains(azureHidden, c.Name) || b.warned[c.Name] {
		return
	}
	if b.warned == nil {
		b.warned = map[string]bool{}
	}
	b.warned[c.Name] = true
	b.warn(at, "TM107", "", "%s is a column of Tidemark's; Azure's table of this name does not have it", c.Name)
}
