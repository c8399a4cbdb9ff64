package fn

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "format_bytes", Constant: []int{1, 2}, Family: "conversion", Naming: ByFirst,
		Doc:       "Writes a number of bytes with a unit, rounded to so many digits: with the unit given, or the largest that leaves at least 1.",
		Examples:  []Example{{`print format_bytes(564)`, `564 Bytes`}, {`print format_bytes(10332, 1)`, `10.1 KB`}, {`print format_bytes(20010332, 0, "KB")`, `19541 KB`}},
		Overloads: []Overload{optional(Rows([]Param{P(table.Real), P(table.Long), P(table.String)}, false, table.String, formatBytes), 2)},
	})
}

// byteUnits grow by 1024.
var byteUnits = []string{"Bytes", "KB", "MB", "GB", "TB", "PB", "EB"}

func formatBytes(_ []table.Type, row []any) any {
	size, ok := row[0].(float64)
	if !ok {
		return nil
	}
	digits, unit := int64(0), -1
	if len(row) > 1 {
		digits, _ = row[1].(int64)
	}
	if len(row) > 2 && textAt(row, 2) != "" {
		unit = slices.IndexFunc(byteUnits, func(u string) bool { return strings.EqualFold(u, textAt(row, 2)) })
		if unit < 0 {
			return nil
		}
	}
	if unit < 0 {
		for unit = 0; unit < len(byteUnits)-1 && math.Abs(size) >= math.Pow(1024, float64(unit+1)); {
			unit++
		}
	}
	v := size / math.Pow(1024, float64(unit))
	scale := math.Pow(10, float64(min(max(digits, 0), 15)))
	if rounded := math.RoundToEven(v*scale) / scale; !math.IsInf(rounded, 0) {
		v = rounded
	}
	return strconv.FormatFloat(v, 'f', -1, 64) + " " + byteUnits[unit]
}
