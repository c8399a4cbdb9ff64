// Package command runs management commands: texts that begin with a point,
// such as .show tables or .create function. They are Kusto's, with its names
// and the columns of its answers.
//
//	command.go    the commands as a table; what they run on
//	match.go      which command a text is, and what is meant where it is none
//	reader.go     words, names, strings, columns: what commands are made of
//	run.go        from a text to an answer, and on into a query after a pipe
//	library.go    what is kept about tables and functions
//	rows.go       rows on their way into a table
//	show.go, schema.go, create.go, alter.go, function.go, ingest.go, failures.go,
//	set.go, explain.go, policy.go
//	              the commands
//
// To add one, call register in the file of its family. Help, completion, the
// documentation's test and "did you mean" follow.
package command

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"tidemark/engine"
	"tidemark/engine/fn"
	"tidemark/parser"
	"tidemark/storage"
	"tidemark/table"
)

// Command describes one management command.
type Command struct {
	// Head is the words that tell it from others. Those in capitals stand for
	// names, and one in brackets for a list of names.
	Head    string
	Usage   string // the whole of it
	Doc     string // one sentence
	Example string
	Writes  bool // it changes the database

	// read reads what stands after the head and returns what to do.
	read func(r *reader, names [][]name) action
}

// action does what a command asks for.
type action func(ctx context.Context, e *Env) (*answer, error)

// name is a name in a command.
type name struct {
	text string
	at   parser.Span
}

// answer is what a command has to say.
type answer struct {
	cols     []table.Column
	rows     [][]any
	records  []arrow.Record // rows that come from a query, before rows
	warnings parser.Errors
}

func (a *answer) add(cells ...any) { a.rows = append(a.rows, cells) }

// commands in the order in which help lists them.
var commands []*Command

func register(c *Command) { commands = append(commands, c) }

func init() {
	registerShow()
	registerSchema()
	registerCreate()
	registerAlter()
	registerFunctions()
	registerIngest()
	registerFailures()
	registerSet()
	registerExplain()
	registerPolicies()
}

// All returns the commands in the order in which help lists them. The caller
// must not change them.
func All() []*Command { return commands }

// Catalog is what queries and commands find names in.
type Catalog interface {
	table.Catalog
	table.FunctionCatalog
}

// Env is the database that a command runs on.
type Env struct {
	Catalog  Catalog
	Library  *Library
	Database string // its name
	Dir      string
	Version  string // of the program
	ReadOnly bool
	// Read returns the store, or nil where there is no database; Write makes
	// one then.
	Read, Write func() (*storage.Store, error)
	// Retain deletes the rows that the tables' policies do not want.
	Retain func(ctx context.Context) error
	// Query runs a query.
	Query func(ctx context.Context, text string, c table.Catalog) (*engine.Result, error)
	// Functions is what functions are checked with.
	Functions *fn.Env
}

func text(names ...string) []table.Column {
	var out []table.Column
	for _, n := range names {
		out = append(out, table.Column{Name: n, Type: table.String})
	}
	return out
}
