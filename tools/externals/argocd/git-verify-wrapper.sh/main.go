// The script of this name in Argo CD's image, which the repo server runs to read the signature of a commit. This one
// finds no signature.
package main

func main() {}
