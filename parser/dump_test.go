package parser

import (
	"fmt"
	"reflect"
	"strings"
)

// dump writes a tree for people: the type of each node, the text it stands
// for where that is a leaf, and its fields that say something.
func dump(q *Query) string {
	var b strings.Builder
	for _, s := range q.Statements {
		dumpValue(&b, reflect.ValueOf(s), "", 0)
	}
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value, label string, depth int) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	indent := strings.Repeat("  ", depth)
	if label != "" {
		label += ": "
	}
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			dumpValue(b, v.Index(i), strings.TrimSuffix(label, ": "), depth)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Query]() {
			fmt.Fprintf(b, "%s%sQuery\n", indent, label)
			dumpValue(b, v.FieldByName("Statements"), "", depth+1)
			return
		}
		fmt.Fprintf(b, "%s%s%s%s\n", indent, label, v.Type().Name(), attributes(v))
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Type.Kind() > reflect.Complex128 && f.Type.Kind() != reflect.String {
				if f.Type == reflect.TypeFor[Span]() {
					continue
				}
				dumpValue(b, v.Field(i), f.Name, depth+1)
			}
		}
	}
}

// attributes are the simple fields of a node that are not zero.
func attributes(v reflect.Value) string {
	var b strings.Builder
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Field(i).IsZero() && f.Name != "Text" {
			continue
		}
		switch f.Type.Kind() {
		case reflect.String:
			fmt.Fprintf(&b, " %s=%q", strings.ToLower(f.Name), v.Field(i).String())
		case reflect.Bool:
			fmt.Fprintf(&b, " %s", strings.ToLower(f.Name))
		case reflect.Uint8:
			fmt.Fprintf(&b, " %s=%d", strings.ToLower(f.Name), v.Field(i).Uint())
		}
	}
	return b.String()
}

// spans calls visit with every node that has a place.
func spans(v reflect.Value, visit func(node any, s Span)) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		if n, ok := v.Interface().(interface{ Span() Span }); ok && v.Kind() == reflect.Pointer {
			visit(n, n.Span())
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			spans(v.Index(i), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				spans(v.Field(i), visit)
			}
		}
	}
}
