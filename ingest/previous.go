package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tidemark/internal/dyn"
	"tidemark/table"
)

// tellers are the formats whose events tell how a file or registry value is,
// not how it was.
var tellers = []string{"auditbeat.fim", "osquery.event", "sysmon", "auditd", "falco"}

// toldColumns are what is kept of the last event of a thing, by its kind.
var toldColumns = map[string][]string{
	kindFiles:    {"Size", "DateModified", "DateCreated", "Acls", "Attributes", "FileContentChecksum", "FileSha256", "FileMode", "FileOwner", "FileGroup", "LinkTarget"},
	kindRegistry: {"ValueData", "ValueType"},
}

// told is what the last event of a thing said. It is kept in a mark of the
// thing's own: nothing stays in memory.
type told struct {
	at     table.Time
	values []string // by toldColumns; empty where it said nothing
}

// previous fills the Previous… columns of events from what the events of the
// same things before them said, where Options.Previous wants that. Events that
// are older than the last one that was stored neither get nor change anything.
type previous struct {
	dst   table.Appender
	now   map[string]*told // of the batch at hand, by mark; nil values for what has gone
	fills map[*rows]map[int]map[int]string
}

// claims are the names under which batches that tell of the same computers wait
// for each other.
func (w *writer) claims() []string {
	var keys []string
	for _, n := range w.lists {
		keys = append(keys, n.mark())
	}
	if !w.options.Previous {
		return keys
	}
	had := map[string]bool{}
	for _, r := range w.tables {
		for row := range r.n {
			if _, ok := r.teller(row); !ok {
				continue
			}
			if key := "ingest/told/" + r.cell("Computer", row); !had[key] {
				had[key] = true
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// fill works through the rows of a batch in their order and adds the marks of
// what they tell. Where these are too many for a transaction, some are stored
// ahead; a load that is killed then finds them newer than the events that it
// reads again, which get nothing.
func (p *previous) fill(ctx context.Context, w *writer, marks map[string][]byte) error {
	p.now, p.fills = map[string]*told{}, map[*rows]map[int]map[int]string{}
	for _, name := range []string{table.ConfigurationData, table.ConfigurationChange} {
		for _, r := range w.tables {
			for row := 0; r.table == name && row < r.n; row++ {
				if err := p.row(r, row); err != nil {
					return err
				}
			}
		}
	}
	for r, cols := range p.fills {
		for i, values := range cols {
			r.cols[i] = r.cols[i].with(values, r.n)
		}
	}
	size := 0
	ahead := &table.Batch{Marks: map[string][]byte{}}
	for key, t := range p.now {
		m := t.encode()
		if size += len(key) + len(m) + 64; size <= marksAhead {
			marks[key] = m
			continue
		}
		if ahead.Marks[key] = m; len(ahead.Marks) == 4096 {
			if err := p.dst.Commit(context.WithoutCancel(ctx), ahead); err != nil {
				return fmt.Errorf("keep what events tell: %w", err)
			}
			ahead = &table.Batch{Marks: map[string][]byte{}}
		}
	}
	if len(ahead.Marks) > 0 {
		if err := p.dst.Commit(context.WithoutCancel(ctx), ahead); err != nil {
			return fmt.Errorf("keep what events tell: %w", err)
		}
	}
	return nil
}

// teller returns the kind of a row of an event that only tells how it is.
func (r *rows) teller(row int) (kind string, ok bool) {
	if r.format < 0 || !slices.Contains(tellers, string(r.cols[r.format].text(row))) {
		return "", false
	}
	if kind = r.cell("ConfigChangeType", row); r.table == table.ConfigurationData {
		kind = r.cell("ConfigDataType", row)
	}
	_, ok = toldColumns[kind]
	return kind, ok
}

// row takes the event of a row.
func (p *previous) row(r *rows, row int) error {
	kind, ok := r.teller(row)
	if !ok {
		return nil
	}
	thing := r.cell("FileSystemPath", row)
	if kind == kindRegistry {
		thing = r.cell("RegistryKey", row) + "\x00" + r.cell("ValueName", row)
	}
	sum := sha256.Sum256([]byte(kind + "\x00" + r.cell("Computer", row) + "\x00" + thing))
	key := "ingest/told/" + hex.EncodeToString(sum[:16])
	last, err := p.last(key, kind)
	if err != nil {
		return err
	}
	at := table.Time(r.cols[r.time].ints[row])
	if last != nil && at < last.at {
		return nil
	}
	category := r.cell("ChangeCategory", row)
	if last != nil && (category == modified || category == removed) {
		p.before(r, row, kind, category, last)
	}
	now := &told{at: at, values: make([]string, len(toldColumns[kind]))}
	for i, column := range toldColumns[kind] {
		if category != removed {
			now.values[i] = r.cell(column, row)
		}
	}
	p.now[key] = now
	return nil
}

// before sets what the agent has not said of how the thing was.
func (p *previous) before(r *rows, row int, kind, category string, last *told) {
	changed := strings.FieldsFunc(r.cell("FieldsChanged", row), func(c rune) bool { return c == ',' })
	filled := false
	for i, column := range toldColumns[kind] {
		_, name := changeColumn(column)
		at, ok := r.index[name]
		if last.values[i] == "" || !ok || r.cols[at].isSet(row) {
			continue
		}
		p.set(r, at, row, last.values[i])
		filled = true
		now := r.cell(column, row)
		if word := changeName(column); category == modified && now != "" && now != last.values[i] && !slices.Contains(changed, word) {
			changed = append(changed, word)
		}
	}
	if !filled {
		return
	}
	if at, ok := r.index["FieldsChanged"]; ok && category == modified {
		p.set(r, at, row, strings.Join(changed, ","))
	}
	if r.rest >= 0 {
		rest := strings.TrimSuffix(string(r.cols[r.rest].text(row)), "}")
		switch rest {
		case "", "{":
			rest = "{"
		default:
			rest += ","
		}
		p.set(r, r.rest, row, rest+`"previousFrom":`+string(dyn.AppendString(nil, "state"))+"}")
	}
}

func (p *previous) set(r *rows, col, row int, value string) {
	if p.fills[r] == nil {
		p.fills[r] = map[int]map[int]string{}
	}
	if p.fills[r][col] == nil {
		p.fills[r][col] = map[int]string{}
	}
	p.fills[r][col][row] = value
}

// last returns what is known of a thing, nil where it is nothing.
func (p *previous) last(key, kind string) (*told, error) {
	if t, ok := p.now[key]; ok {
		return t, nil
	}
	stored, err := p.dst.Mark(key)
	if err != nil {
		return nil, fmt.Errorf("read what the last event told: %w", err)
	}
	if stored == nil {
		return nil, nil
	}
	d := listReader{b: stored}
	t := &told{at: table.Time(d.varint()), values: make([]string, len(toldColumns[kind]))}
	if n := d.uvarint(); d.bad || n != uint64(len(t.values)) {
		return nil, nil // kept by a version that knew other columns
	}
	for i := range t.values {
		t.values[i] = d.text()
	}
	if d.bad {
		return nil, errList
	}
	return t, nil
}

func (t *told) encode() []byte {
	b := binary.AppendVarint(nil, int64(t.at))
	b = binary.AppendUvarint(b, uint64(len(t.values)))
	for _, v := range t.values {
		b = append(binary.AppendUvarint(b, uint64(len(v))), v...)
	}
	return b
}

// cell is a value of a row as text, empty where it has none: whole numbers and
// times in digits.
func (r *rows) cell(column string, row int) string {
	i, ok := r.index[column]
	if !ok || !r.cols[i].isSet(row) {
		return ""
	}
	if c := &r.cols[i]; c.typ.Physical() == table.Int64s {
		return strconv.FormatInt(c.ints[row], 10)
	}
	return string(r.cols[i].text(row))
}

// with returns the column with other values in some rows, as cell gives them.
func (c *column) with(values map[int]string, n int) column {
	out := column{typ: c.typ}
	for row := range n {
		v, other := values[row]
		if !other && !c.isSet(row) {
			continue
		}
		switch {
		case c.typ.Physical() == table.Int64s && other:
			if i, err := strconv.ParseInt(v, 10, 64); err == nil {
				out.setInt(row, i)
			}
		case c.typ.Physical() == table.Int64s:
			out.setInt(row, c.ints[row])
		case other:
			out.setText(row, []byte(v))
		default:
			out.setText(row, c.text(row))
		}
	}
	return out
}
