namespace VnaCloud.Archive;

public static partial class PersonNameFold
{
    // Upper-case letters with a canonical decomposition into a letter and marks (Unicode, Latin, Greek and Cyrillic blocks), and the
    // stroked Latin letters, which have none. A table, because String.Normalize does nothing under InvariantGlobalization.
    private const string Marked =
        "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİıĴĶĹĻĽŁŃŅŇŊŌŎŐŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽƉ" +
        "ƗƟƠƯƵǍǏǑǓǕǗǙǛǞǠǢǤǦǨǪǬǮǰǴǸǺǼǾȀȂȄȆȈȊȌȎȐȒȔȖȘȚȞȦȨȪȬȮȰȲɃɆɌɎʹΆΈΉΊΌΎΏΐΪΫΰϓϔЀЁЃЇЌЍЎЙѶӁӐӒӖӚӜӞӢӤӦӪӬӮ" +
        "ӰӲӴӸḀḂḄḆḈḊḌḎḐḒḔḖḘḚḜḞḠḢḤḦḨḪḬḮḰḲḴḶḸḺḼḾṀṂṄṆṈṊṌṎṐṒṔṖṘṚṜṞṠṢṤṦṨṪṬṮṰṲṴṶṸṺṼṾẀẂẄẆẈẊẌẎẐẒẔẖẗẘẙẠẢẤẦẨẪẬ" +
        "ẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸἈἉἊἋἌἍἎἏἘἙἚἛἜἝἨἩἪἫἬἭἮἯἸἹἺἻἼἽἾἿὈὉὊὋὌὍὐὒὔὖὙὛὝὟὨὩὪὫὬὭὮὯ" +
        "ᾀᾁᾂᾃᾄᾅᾆᾇᾈᾉᾊᾋᾌᾍᾎᾏᾐᾑᾒᾓᾔᾕᾖᾗᾘᾙᾚᾛᾜᾝᾞᾟᾠᾡᾢᾣᾤᾥᾦᾧᾨᾩᾪᾫᾬᾭᾮᾯᾲᾳᾴᾶᾷᾸᾹᾺΆᾼῂῃῄῆῇῈΈῊΉῌῒΐῖῗῘῙῚΊῢΰῤῦῧῨῩῪΎῬῲῳῴῶ" +
        "ῷῸΌῺΏῼ";

    private const string Plain =
        "AAAAAACEEEEIIIIDNOOOOOOUUUUYAAACCCCDDEEEEEGGGGHHIIIIIIJKLLLLNNNNOOORRRSSSSTTTUUUUUUWYYZZZD" +
        "IOOUZAIOUUUUUAAÆGGKOOƷJGNAÆØAAEEIIOORRUUSTHAEOOOOYBERYʹΑΕΗΙΟΥΩΙΙΥΥϒϒЕЕГІКИУИѴЖААЕӘЖЗИИОӨЭУ" +
        "УУЧЫABBBCDDDDDEEEEEFGHHHHHIIKKKLLLLMMMNNNNOOOOPPRRRRSSSSSTTTTUUUUUVVWWWWWXXYZZZHTWYAAAAAAA" +
        "AAAAAEEEEEEEEIIOOOOOOOOOOOOUUUUUUUYYYYΑΑΑΑΑΑΑΑΕΕΕΕΕΕΗΗΗΗΗΗΗΗΙΙΙΙΙΙΙΙΟΟΟΟΟΟΥΥΥΥΥΥΥΥΩΩΩΩΩΩΩΩ" +
        "ΑΑΑΑΑΑΑΑΑΑΑΑΑΑΑΑΗΗΗΗΗΗΗΗΗΗΗΗΗΗΗΗΩΩΩΩΩΩΩΩΩΩΩΩΩΩΩΩΑΑΑΑΑΑΑΑΑΑΗΗΗΗΗΕΕΗΗΗΙΙΙΙΙΙΙΙΥΥΡΥΥΥΥΥΥΡΩΩΩΩ" +
        "ΩΟΟΩΩΩ";
}
