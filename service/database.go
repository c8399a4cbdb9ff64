// Package service lets a database be asked by other processes than the one
// that has it open, of which there can be only one. Database is what may be
// asked; Local answers from an open database, Client asks the process that has
// it open through a socket, where Handler answers with another Database.
//
// Rows come as a stream, so that neither side holds a whole answer: see
// frame.go for the form.
package service

import (
	"context"

	"tidemark"
	"tidemark/output"
	"tidemark/parser"
	"tidemark/table"
)

// Database answers questions.
type Database interface {
	// Query runs a query or a management command; see tidemark.DB.Query. The
	// result must be closed.
	Query(ctx context.Context, q Question) (Result, error)
	// Check looks at a query without running it; see tidemark.DB.Check.
	Check(ctx context.Context, q Question, syntaxOnly bool) (*tidemark.Checked, error)
	// Tables lists the tables, built-in ones included.
	Tables(ctx context.Context) ([]tidemark.TableInfo, error)
	// Schema returns the columns of a table, hidden ones included.
	Schema(ctx context.Context, table string) (*table.Schema, error)
	// Functions are the names of the functions that are kept in the database.
	Functions(ctx context.Context) ([]string, error)
	Close() error
}

// Question is a query with what belongs to it.
type Question struct {
	Text   string
	Params map[string]string
	// Enough is how many rows of a table are of use, at most; 0 means all. An
	// answer may have more.
	Enough int64
}

// Result is a running query. Its tables are read in order, by one goroutine;
// a table that another one is read behind need not be read to its end.
type Result interface {
	Warnings() parser.Errors
	Tables() []Table
	// Stats are the figures as of the rows that were read last.
	Stats() tidemark.Stats
	Close() error
}

// Table is one table of a result.
type Table interface {
	output.Table
	// Render is the chart that the query asks for, or nil.
	Render() *tidemark.Render
}

// Local answers from an open database, which Close closes.
func Local(db *tidemark.DB) Database { return local{db} }

type local struct{ *tidemark.DB }

func (q Question) options() []tidemark.QueryOption {
	var out []tidemark.QueryOption
	for name, value := range q.Params {
		out = append(out, tidemark.Param(name, value))
	}
	return out
}

func (l local) Query(ctx context.Context, q Question) (Result, error) {
	res, err := l.DB.Query(ctx, q.Text, q.options()...)
	if err != nil {
		return nil, err
	}
	return LocalResult(res), nil
}

func (l local) Check(_ context.Context, q Question, syntaxOnly bool) (*tidemark.Checked, error) {
	return l.DB.Check(q.Text, syntaxOnly, q.options()...)
}

func (l local) Tables(context.Context) ([]tidemark.TableInfo, error) { return l.DB.Tables() }

func (l local) Schema(_ context.Context, name string) (*table.Schema, error) {
	return l.DB.Schema(name)
}

func (l local) Functions(context.Context) ([]string, error) {
	all, err := l.DB.Functions()
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	return names, err
}

// LocalResult is a result of an open database.
func LocalResult(res *tidemark.Result) Result { return localResult{res} }

type localResult struct{ *tidemark.Result }

func (r localResult) Warnings() parser.Errors { return r.Result.Warnings }

func (r localResult) Tables() []Table {
	var out []Table
	for _, t := range r.Result.Tables() {
		out = append(out, t)
	}
	return out
}
