package fn

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"tidemark/table"
)

func init() {
	register(Scalar{Name: "unicode_codepoints_from_string", Aliases: []string{"to_utf8"}, Family: "string", Doc: "Gives the numbers of a string's characters in Unicode as an array.",
		Examples: []Example{{`print unicode_codepoints_from_string("Kusto")`, "[75,117,115,116,111]"}},
		Overloads: []Overload{Of1(func(s Text) Dyn {
			b := []byte{'['}
			for _, r := range string(s) {
				if len(b) > 1 {
					b = append(b, ',')
				}
				b = strconv.AppendInt(b, int64(r), 10)
			}
			return Dyn(append(b, ']'))
		})}})
	register(Scalar{Name: "unicode_codepoints_to_string", Aliases: []string{"make_string"}, Family: "string", Doc: "Makes a string of characters given by their numbers in Unicode, or by arrays of those.",
		Examples:  []Example{{`print unicode_codepoints_to_string(75, 117, 115, 116, 111)`, "Kusto"}, {`print unicode_codepoints_to_string(dynamic([75, 117, 115]), 116, 111)`, "Kusto"}},
		Overloads: []Overload{Rows([]Param{WholeOrDynamic}, true, table.String, fromCodepoints)}})
}

// fromCodepoints gives nothing where one of the numbers is no character.
func fromCodepoints(types []table.Type, row []any) any {
	var b strings.Builder
	for i, v := range row {
		for _, text := range appendTexts(nil, types[i], v) {
			n, err := strconv.ParseInt(text, 10, 32)
			if err != nil || !utf8.ValidRune(rune(n)) {
				return nil
			}
			b.WriteRune(rune(n))
		}
	}
	return b.String()
}
