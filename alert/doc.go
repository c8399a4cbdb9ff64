// Package alert runs alert rules on a database: it keeps their ticks, their
// state and what is to be sent in it, and sends it.
//
//	service.go  the clock: which rule runs when, in which order
//	commit.go   a tick into one transaction: state, alerts, outbox
//	data.go     a database as package rule asks it
//	outbox.go   what is to be sent, until it has been
//	rows.go     events as rows of Alerts and RuleHealth
//	replay.go   ticks of the past, without leaving a trace
//	note.go     what people say about alerts
//	quiet.go    back-fills that alert nobody
//	list.go     alerts as people see them
//
// A tick is one transaction of the store. Before it there is nothing, and the
// tick is run again with the same outcome; after it everything is there, and
// messages are sent until their receivers have taken them.
package alert
