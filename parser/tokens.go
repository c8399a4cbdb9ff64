package parser

// Token is a word, literal or sign of a query.
type Token struct {
	Text string
	Span Span
	// Name says that it is a name or keyword, Timespan that it is a literal
	// such as 5m.
	Name, Timespan bool
}

// Tokens takes a query apart, comments and blanks aside, without looking at its
// grammar: for who wants to know whether a word occurs in it.
func Tokens(text string) []Token {
	var out []Token
	for s := (&scanner{text: text}); ; {
		t, err := s.Next()
		if err != nil || t.EOF() {
			return out
		}
		out = append(out, Token{Text: t.Value, Span: span(&t), Name: t.Type == tIdent, Timespan: t.Type == tTimespan})
	}
}
