package ingest

import (
	"encoding/xml"
	"strings"
	"unicode/utf8"

	"tidemark/internal/dyn"
)

// inventoryXML reads the inventory that the agent's providers write: XML whose
// values are XML again, escaped.
type inventoryXML struct{}

// instance is what a CIM instance looks like.
type instance struct {
	Class      string   `xml:"CLASSNAME,attr"`
	Values     []string `xml:"PROPERTY.ARRAY>VALUE.ARRAY>VALUE"`
	Properties []struct {
		Name  string `xml:"NAME,attr"`
		Value string `xml:"VALUE"`
	} `xml:"PROPERTY"`
}

func (d *inventoryXML) decode(_ any, record []byte, w *writer) error {
	if w.raw = !utf8.Valid(record); w.raw {
		record = escapeBytes(nil, record, `\x`)
	}
	var outer instance
	if err := xml.Unmarshal(record, &outer); err != nil {
		return reject(BadSyntax, "not valid XML: %v", err)
	}
	if outer.Class != "Inventory" {
		return reject(BadSyntax, "the instance is a %q, not an Inventory", outer.Class)
	}
	lists, unread := map[*kind]*list{}, false
	for _, text := range outer.Values {
		err := d.item(text, lists, w)
		unread = unread || err != nil
		w.reject([]byte(text), err)
	}
	for _, k := range kinds {
		if l := lists[k]; l != nil {
			l.partial = unread
			w.inventory(l)
		}
	}
	return nil
}

// item adds an item to the list of its kind.
func (d *inventoryXML) item(text string, lists map[*kind]*list, w *writer) error {
	var in instance
	if err := xml.Unmarshal([]byte(text), &in); err != nil {
		return reject(BadSyntax, "not valid XML: %v", err)
	}
	var fields []dyn.Field
	for _, p := range in.Properties {
		fields = append(fields, dyn.Field{Key: []byte(p.Name), Kind: dyn.KindString, Text: []byte(strings.TrimSpace(p.Value))})
	}
	k := inventoryKind(func(key string) bool { return member(fields, key) != nil })
	if k == nil {
		return reject(BadSyntax, "an instance of %q is not an item of an inventory", in.Class)
	}
	if lists[k] == nil {
		lists[k] = &list{kind: k, agent: "oms.xml", computer: w.options.Computer, at: w.began, line: w.line}
	}
	return lists[k].add(fields, w)
}
