package table

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
)

// Column is a column of a table or of a result.
type Column struct {
	Name string
	Type Type
	// Hidden columns can be named in a query but are not part of "*": what
	// agents know beyond Azure's columns, and the system columns _ItemId,
	// _TimeReceived, TenantId. So a query gives the columns that Kusto gives.
	Hidden bool
	// Doc is one sentence on what the column holds; may be empty.
	Doc string
}

// Schema is an ordered list of columns with distinct, case-sensitive names.
// It is immutable.
type Schema struct {
	cols  []Column
	index map[string]int
}

// NewSchema makes a schema. It fails when two columns have the same name or a
// column has no name or type.
func NewSchema(cols ...Column) (*Schema, error) {
	s := &Schema{cols: cols, index: make(map[string]int, len(cols))}
	for i, c := range cols {
		if c.Name == "" {
			return nil, fmt.Errorf("column %d has no name", i+1)
		}
		if c.Type == Unknown {
			return nil, fmt.Errorf("column %q has no type", c.Name)
		}
		if _, dup := s.index[c.Name]; dup {
			return nil, fmt.Errorf("two columns are named %q", c.Name)
		}
		s.index[c.Name] = i
	}
	return s, nil
}

// MustSchema is NewSchema for schemas that are known to be right.
func MustSchema(cols ...Column) *Schema {
	s, err := NewSchema(cols...)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return s
}

// Len is the number of columns, hidden ones included.
func (s *Schema) Len() int { return len(s.cols) }

// Column returns column i.
func (s *Schema) Column(i int) Column { return s.cols[i] }

// Columns returns all columns in order. The caller must not change them.
func (s *Schema) Columns() []Column { return s.cols }

// Index returns the place of the column named name, or -1.
func (s *Schema) Index(name string) int {
	if i, ok := s.index[name]; ok {
		return i
	}
	return -1
}

// Names returns the names of all columns in order.
func (s *Schema) Names() []string {
	names := make([]string, len(s.cols))
	for i, c := range s.cols {
		names[i] = c.Name
	}
	return names
}

// Visible returns the places of the columns that are not hidden.
func (s *Schema) Visible() []int {
	var v []int
	for i, c := range s.cols {
		if !c.Hidden {
			v = append(v, i)
		}
	}
	return v
}

// Arrow returns the Arrow schema of the layout inside Tidemark. KQL's type is
// kept in the field metadata under "kusto.type".
func (s *Schema) Arrow() *arrow.Schema {
	fields := make([]arrow.Field, len(s.cols))
	for i, c := range s.cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true,
			Metadata: arrow.NewMetadata([]string{"kusto.type"}, []string{c.Type.String()})}
	}
	return arrow.NewSchema(fields, nil)
}
