package capxml_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/notices/capxml"
)

// What is made to fill the memory, or to read something else, never becomes a tree.
func TestBombsAreRefused(t *testing.T) {
	head, body, _ := strings.Cut(boil, "\n")
	lol := head + `<!DOCTYPE alert [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>` + strings.Replace(body, "a note", "&b;", 1)
	external := head + `<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + strings.Replace(body, "a note", "&x;", 1)
	info := boil[strings.LastIndex(boil, "<info>"):strings.LastIndex(boil, "</alert>")]
	for name, c := range map[string]struct{ raw, says string }{
		"entities":           {lol, "document type"},
		"external entity":    {external, "document type"},
		"external subset":    {head + `<!DOCTYPE alert SYSTEM "http://127.0.0.1/x.dtd">` + body, "document type"},
		"in UTF-16":          {string(utf16Bytes(binary.LittleEndian, strings.Replace(lol, "UTF-8", "UTF-16", 1))), "document type"},
		"in the middle":      {strings.Replace(boil, "<note>", "<!DOCTYPE x><note>", 1), "document type"},
		"undeclared entity":  {strings.Replace(boil, "a note", "&nbsp;", 1), "this file is not well-formed XML"},
		"5 MB":               {strings.Replace(boil, "a note", strings.Repeat("x", 5_000_000), 1), "less than 5000000 bytes"},
		"5 MB of nothing":    {strings.Repeat(" ", 5_000_000), "less than 5000000 bytes"},
		"deep":               {strings.Repeat("<a>", 100_000), "deep"},
		"deep in an alert":   {strings.Replace(boil, "a note", strings.Repeat("<a>", 40)+strings.Repeat("</a>", 40), 1), "deep"},
		"many elements":      {strings.Replace(boil, "<note>", strings.Repeat("<code/>", 100_000)+"<note>", 1), "100000 elements"},
		"many of a kind":     {strings.Replace(boil, "<note>", strings.Repeat("<code/>", 5001)+"<note>", 1), "5000 times"},
		"many infos":         {strings.Replace(boil, "</alert>", strings.Repeat(info, 200)+"</alert>", 1), "200 times"},
		"many areas":         {strings.Replace(boil, "<area>", strings.Repeat("<area><areaDesc>x</areaDesc></area>", 2000)+"<area>", 1), "2000 times"},
		"many points":        {strings.Replace(boil, "38.5,-120.1 ", strings.Repeat("38.5,-120.1 ", 50_000), 1), "50000 points"},
		"many attributes":    {"<alert" + attributes(65) + "/>", "64 attributes"},
		"long name":          {"<" + strings.Repeat("a", 201) + "/>", "200 bytes"},
		"many alerts":        {`<feed xmlns="http://www.w3.org/2005/Atom">` + strings.Repeat("<alert/>", 1001) + "</feed>", "1000 alerts"},
		"unclosed":           {boil[:len(boil)-10], "ends before"},
		"closed crosswise":   {strings.Replace(boil, "a note</note>", "<b>a note</note></b>", 1), "closes what is not open"},
		"second root":        {boil + "<alert/>", "second root"},
		"text behind":        {boil + "also", "outside of its root"},
		"second declaration": {strings.Replace(boil, "<note>", `<?xml version="1.0"?><note>`, 1), "at the start"},
		"attribute twice":    {strings.Replace(boil, "<note>", `<note a="1" a="2">`, 1), "there twice"},
		"by two prefixes":    {strings.Replace(boil, "<note>", `<note xmlns:p="urn:x" xmlns:q="urn:x" p:a="1" q:a="2">`, 1), "there twice"},
		"namespace twice":    {strings.Replace(boil, `xmlns="`, `xmlns="urn:x" xmlns="`, 1), "there twice"},
		"unknown prefix":     {strings.Replace(boil, "<note>a note</note>", "<p:note>a note</p:note>", 1), "declared before"},
		"two colons":         {strings.Replace(boil, "<note>a note</note>", `<x:y:note xmlns:x="urn:x">a note</x:y:note>`, 1), "this file is not well-formed XML"},
		"empty prefix":       {strings.Replace(boil, "<note>a note</note>", `<:note>a note</:note>`, 1), "one prefix"},
		"prefix for nothing": {strings.Replace(boil, "<note>", `<note xmlns:p="">`, 1), "stands for a namespace"},
		"xml redefined":      {strings.Replace(boil, "<note>", `<note xmlns:xml="urn:x">`, 1), "stands for a namespace"},
	} {
		_, err := capxml.Parse([]byte(c.raw))
		if told, ok := errors.AsType[*capxml.Refusal](err); !ok || !strings.Contains(told.Error(), c.says) {
			t.Errorf("%s: %.200v, want %q", name, err, c.says)
		}
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ` a%d=""`, i)
	}
	return b.String()
}

// A comment must not cut a text: a signature covers what stands on both sides of it, so
// whoever can put one in could otherwise show half of a name.
func TestACommentHidesNothing(t *testing.T) {
	f := one(t, with(t, "<sender>water@example.org</sender>", "<sender>water@example.org<!-- --><![CDATA[.]]>evil.example</sender>"))
	if got := f.Alert.Sender; got != "water@example.org.evil.example" {
		t.Errorf("the sender reads as %q", got)
	}
}
