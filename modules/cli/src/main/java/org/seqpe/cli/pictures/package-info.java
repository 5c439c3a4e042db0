/**
 * The pictures of the quickstart: capital letters of many fonts, drawn on paper with a texture among other marks. The
 * fonts come with the program; nothing is downloaded.
 */
package org.seqpe.cli.pictures;
